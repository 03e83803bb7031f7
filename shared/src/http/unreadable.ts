import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Server } from './create-server.ts'
import type { MethodTable } from './paths.ts'
import { problem } from './problem.ts'

interface ParserError extends Error {
  readonly code?: string
  /** What Node's parser was reading. */
  readonly rawPacket?: Buffer
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly allow?: string
}

/** Answers what was not even HTTP. There is no request, so nothing but the socket to write to; it is closed. */
export function answerUnreadable (error: Error, socket: Socket, methods: MethodTable): void {
  if ((error as ParserError).code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, detail, allow } = refusalOf(error, methods)
  const id = randomUUID()
  const body = JSON.stringify(problem(status, code, detail, id))
  const headers = [
    'content-type: application/problem+json', `content-length: ${Buffer.byteLength(body)}`, 'cache-control: no-store', `x-request-id: ${id}`,
    ...(allow === undefined ? [] : [`allow: ${allow}`]), 'connection: close'
  ]
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
}

function refusalOf ({ code, rawPacket = Buffer.alloc(0) }: ParserError, methods: MethodTable): Refusal {
  const begin = rawPacket.toString('latin1', 0, 8192)
  if (code === 'HPE_HEADER_OVERFLOW') {
    // Node counts the address among the headers; one that fills half of the room is what is too long.
    return /^[A-Z]+ [^\s]{4096}/.test(begin)
      ? { status: 414, code: 'ADDRESS_TOO_LONG', detail: 'The address is too long' }
      : { status: 431, code: 'HEADERS_TOO_LARGE', detail: 'The headers are too large' }
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, code: 'REQUEST_TIMEOUT', detail: 'The request did not arrive in time' }
  if (code === 'HPE_INVALID_METHOD') {
    const target = /^[A-Z]+ (\/\S*) HTTP\/1\.[01]\r\n/.exec(begin)?.[1]
    const allow = target === undefined ? '' : methods.allowedAt(target).join(', ')
    if (allow !== '') return { status: 405, code: 'METHOD_NOT_ALLOWED', detail: `Here are allowed: ${allow}`, allow }
  }
  return { status: 400, code: 'BAD_REQUEST', detail: 'This is not a valid HTTP request' }
}

/** 417 for every expectation but `100-continue` (RFC 9110, 10.1.1), which Node itself answers. */
export function refuseExpectations (app: Server): void {
  app.server.on('checkExpectation', (_request, response) => {
    const id = randomUUID()
    response.writeHead(417, { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'x-request-id': id, connection: 'close' })
      .end(JSON.stringify(problem(417, 'EXPECTATION_FAILED', 'Of all expectations only 100-continue is met', id)))
  })
}
