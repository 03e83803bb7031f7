import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { createProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'
import type { MethodTable } from './method-table.ts'

interface ParserError extends Error {
  readonly code?: string
  /** The bytes that Node's parser was reading. */
  readonly rawPacket?: Buffer
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly allow?: string
}

type Headers = Readonly<Record<string, string>>

interface Context {
  readonly methods: MethodTable
  /** The headers that are added to every response. */
  readonly safety: Headers
}

// The connection was reset, or the TLS handshake failed or timed out: no client would read a response.
const silentErrors = /^(ECONNRESET$|ERR_TLS_|ERR_SSL_)/

/** Responds to a request that Node's parser rejected, and closes the connection. There is no request object. */
export function respondToClientError (error: Error, socket: Socket, { methods, safety }: Context): void {
  if (silentErrors.test(String((error as ParserError).code)) || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, detail, allow } = toRefusal(error, methods)
  const { headers, body } = createResponse({ status, code, detail }, safety)
  const lines = Object.entries({ ...headers, ...(allow === undefined ? {} : { allow }) })
    .map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

function createResponse ({ status, code, detail }: Refusal, safety: Headers): { headers: Headers, body: string } {
  const id = randomUUID()
  const body = JSON.stringify(createProblem(status, code, detail, id))
  const headers = {
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-request-id': id,
    ...safety,
    connection: 'close'
  }
  return { headers, body }
}

function toRefusal ({ code, rawPacket = Buffer.alloc(0) }: ParserError, methods: MethodTable): Refusal {
  const start = rawPacket.toString('latin1', 0, 8192)
  if (code === 'HPE_HEADER_OVERFLOW') {
    // Node.js counts the request target as part of the headers. If the target is half of the limit, report it as too
    // long.
    return /^[A-Z]+ [^\s]{4096}/.test(start)
      ? { status: 414, code: 'ADDRESS_TOO_LONG', detail: 'The URL is too long.' }
      : { status: 431, code: 'HEADERS_TOO_LARGE', detail: 'The headers are too large.' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, code: 'REQUEST_TIMEOUT', detail: 'The request did not arrive in time.' }
  }
  if (code === 'HPE_INVALID_METHOD') {
    const target = /^[A-Z]+ (\/\S*) HTTP\/1\.[01]\r\n/.exec(start)?.[1]
    const allow = target === undefined ? '' : methods.allowedAt(target).join(', ')
    if (allow !== '') return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `Allowed methods: ${allow}.`, allow }
  }
  return { status: 400, code: 'BAD_REQUEST', detail: 'The request is not valid HTTP.' }
}

/** Responds with 417 to every expectation except `100-continue` (RFC 9110, 10.1.1), which Node.js handles. */
export function refuseExpectations (app: Server, safety: Headers): void {
  const detail = 'The only supported expectation is 100-continue.'
  app.server.on('checkExpectation', (_request, response) => {
    const { headers, body } = createResponse({ status: 417, code: 'EXPECTATION_FAILED', detail }, safety)
    response.writeHead(417, headers).end(body)
  })
}
