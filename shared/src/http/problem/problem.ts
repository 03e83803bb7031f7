import { STATUS_CODES } from 'node:http'
import type { FastifyReply } from 'fastify'
import { errorEntry, problemType } from '../../contracts/errors/index.ts'
import type { ErrorExtras } from '../../errors.ts'

interface ProblemDocument extends Record<string, unknown> {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly requestId: string
}

/**
 * Creates an RFC 9457 problem document. Its `type` refers to the page about the code, and its `title` is the title of
 * the code. A code that the table of errors does not have gets `about:blank` and the name of the status (4.2.1).
 */
export function createProblem (
  status: number, code: string, detail: string, requestId: string, extras: ErrorExtras = {}
): ProblemDocument {
  return {
    type: problemType(code),
    title: errorEntry(code)?.title ?? STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    requestId,
    ...(extras.errors === undefined ? {} : { errors: extras.errors }),
    ...extras.members
  }
}

/** Sends a problem document with the headers that its status requires. */
export function sendProblem (
  reply: FastifyReply, status: number, code: string, detail: string, extras: ErrorExtras = {}
): FastifyReply {
  reply.request.errorCode = code
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (status === 429 || status === 503) {
    void reply.header('retry-after', String(Math.max(1, Math.ceil(extras.retryAfter ?? 1))))
  }
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(createProblem(status, code, detail, reply.request.id, extras)))
}
