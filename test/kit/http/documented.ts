import { contracts, type RouteContract } from '@laurel/shared/contracts'
import { errorCodesOf } from '../../../gateway/src/openapi/error-responses.ts'
import type { Call } from './client.ts'

/** Returns a `call` that throws if an operation responds with an error that its contract does not document. */
export function onlyDocumented (call: Call): Call {
  return async (method, path, options) => {
    const answer = await call(method, path, options)
    const { status, body } = answer
    const contract = contractOf(method, path)
    if (status < 400 || body === '' || contract === undefined) return answer
    if (errorCodesOf(contract)[status]?.includes(body.code) === true) return answer
    throw new Error(`The contract of ${contract.operationId} does not have ${status} ${String(body.code)}.`)
  }
}

/** Prefers a contract without parameters: `/v1/users/me` is not a `userId`. */
function contractOf (method: string, path: string): RouteContract | undefined {
  const [pathname = ''] = path.split('?')
  const ofMethod = contracts.filter(contract => contract.method === method)
  return ofMethod.find(({ url }) => url === pathname) ?? ofMethod.find(({ url }) => toPattern(url).test(pathname))
}

function toPattern (url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`)
}
