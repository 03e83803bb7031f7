import { rawRequest, sendRaw } from '../../../test/kit/http/socket.ts'
import { wholeRun } from '../../../test/kit/run/whole-run.ts'
import { startGateway } from './gateway.ts'

/** A gateway in front of a service that hangs. */
export const { port, upstream, issuer } = await startGateway(wholeRun, { responseTimeout: 6000 })
upstream.answer = request => { request.resume() }
const credentials = [`authorization: Bearer ${issuer.tokenOf('ADMIN')}`]

/** Sends concurrent requests, alternating between reads and writes. */
export async function sendTogether (count: number) {
  return await Promise.all(Array.from({ length: count }, async (_, index) => {
    const method = index % 2 === 0 ? 'GET' : 'POST'
    return await sendRaw(port, rawRequest(`${method} /v1/events`, credentials))
  }))
}

/** The responses to 400 requests. They wait for the timeout while the first tests of the suite run. */
export const answersOfHanging = sendTogether(400)
