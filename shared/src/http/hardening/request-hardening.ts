import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'
import { notFoundDetail } from './not-found.ts'
import { isPlainPath } from './paths.ts'

// Node.js reads a request line without a version as HTTP/0.9.
const httpVersions = new Set(['1.0', '1.1'])

/**
 * Rejects requests that no legitimate client sends, before routing: requests with encoded characters or dot segments in
 * the path, with no `Host` or several, with a transfer coding other than `chunked`, or with a WebSocket upgrade. Also
 * rejects requests without a route, and requests with a content coding, before their body is read.
 */
export function hardenRequests (app: Server): void {
  app.addHook('onRequest', (request, reply, done) => {
    const malformed = findMalformation(request)
    if (!isPlainPath(request.url)) sendProblem(reply, 404, 'NOT_FOUND', notFoundDetail)
    else if (malformed !== undefined) sendProblem(reply.header('connection', 'close'), 400, ...malformed)
    else if (request.is404) app.sendNotFound(request, reply)
    else if (hasContentCoding(request.headers['content-encoding'])) refuseCoding(reply)
    else done()
  })
}

/** Returns the code and the detail of a 400, or `undefined` if the request is well-formed. */
function findMalformation ({ raw, headers }: FastifyRequest): readonly [code: string, detail: string] | undefined {
  if (!httpVersions.has(raw.httpVersion)) return ['BAD_REQUEST', 'The request is not valid HTTP.']
  if (!hasOneHost(raw)) return ['BAD_HOST', 'A request must have exactly one Host header.']
  if (!hasClearFraming(headers)) return ['BAD_REQUEST', 'Transfer-Encoding must be chunked.']
  if (isWebSocketUpgrade(headers)) return ['UPGRADE_REFUSED', 'WebSocket is not supported.']
  return undefined
}

// RFC 9112, 3.2. With two Host headers, two servers in the chain could each use a different one.
function hasOneHost ({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let hosts = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  return hosts === 1 || (hosts === 0 && httpVersion === '1.0')
}

// RFC 9112, 6.1. Two servers in the chain could interpret a body with any other coding differently.
function hasClearFraming (headers: IncomingMessage['headers']): boolean {
  const coding = headers['transfer-encoding']
  return coding === undefined || coding === 'chunked'
}

// Node.js would handle it like any other request, and some proxies would treat the response as an open tunnel
// (RFC 9110, 7.8).
function isWebSocketUpgrade ({ connection, upgrade }: IncomingMessage['headers']): boolean {
  return /\bupgrade\b/i.test(String(connection)) && /\bwebsocket\b/i.test(String(upgrade))
}

// RFC 9110, 8.4. Node.js joins repeated headers with a comma.
function hasContentCoding (codings = ''): boolean {
  return codings.split(',').some(coding => !['', 'identity'].includes(coding.trim().toLowerCase()))
}

/** Tells the client which content coding is accepted (RFC 9110, 12.5.3 and 15.5.16). */
function refuseCoding (reply: FastifyReply): void {
  const detail = 'The body must not have a content coding such as gzip.'
  sendProblem(reply.header('accept-encoding', 'identity'), 415, 'UNSUPPORTED_MEDIA_TYPE', detail)
}
