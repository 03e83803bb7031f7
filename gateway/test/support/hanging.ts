import { rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { wholeRun } from '../../../test/kit/run/whole-run.ts'
import { startGateway } from './gateway.ts'

export const responseTimeout = 6000

/** A gateway in front of a service that hangs. */
export const { port, upstream, issuer } = await startGateway(wholeRun, { responseTimeout })
upstream.answer = request => { request.resume() }
const credentials = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`]

/** Sends concurrent requests, alternating between reads and writes. */
export async function sendTogether (count: number) {
  const startedAt = performance.now()
  return await Promise.all(Array.from({ length: count }, async (_, index) => {
    const method = index % 2 === 0 ? 'GET' : 'POST'
    const answer = await sendRaw(port, rawRequest(`${method} /v1/events`, credentials))
    return { ...answer, time: performance.now() - startedAt }
  }))
}

/** The responses to 400 requests. They wait for the timeout while the first tests of the suite run. */
export const answersOfHanging = sendTogether(400)
