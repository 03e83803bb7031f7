import type { IncomingMessage } from 'node:http'
import type { Server } from './create-server.ts'
import { isPlainPath } from './paths.ts'
import { sendProblem } from './problem.ts'

// Node takes a request line without a version for HTTP/0.9.
const versions = new Set(['1.0', '1.1'])

/**
 * Refuses, before a route is thought of, what no honest client sends: paths that decode or climb, two hosts or none, WebSockets;
 * and what is at no address of ours.
 */
export function refuseOddRequests (app: Server): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw, url, headers } = request
    if (!isPlainPath(url)) sendProblem(reply, 404, 'NOT_FOUND', 'There is nothing at this address')
    else if (!versions.has(raw.httpVersion)) sendProblem(reply.header('connection', 'close'), 400, 'BAD_REQUEST', 'This is not a valid HTTP request')
    else if (!namesOneHost(raw)) sendProblem(reply.header('connection', 'close'), 400, 'BAD_HOST', 'A request has exactly one Host')
    else if (asksForWebSocket(headers)) sendProblem(reply, 400, 'UPGRADE_REFUSED', 'There is no WebSocket here')
    // Before its body is thought of.
    else if (request.is404) app.answerNotFound(request, reply)
    else done()
  })
}

// RFC 9112, 3.2. Of two, one server on the way may read the one and the next the other.
function namesOneHost ({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0')
}

// Node answers it like any other request, which some proxies take for a tunnel (RFC 9110, 7.8).
function asksForWebSocket ({ connection, upgrade }: IncomingMessage['headers']): boolean {
  return /\bupgrade\b/i.test(String(connection)) && /\bwebsocket\b/i.test(String(upgrade))
}
