import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { DomainError, type ErrorExtras, type ErrorKind, type FieldError } from '../errors.ts'
import { readSchemaErrors } from './validation.ts'

/** The one table from what a refusal is about to its status. */
const statusOf: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  unprocessable: 422,
  'too-many': 429,
  unavailable: 503
}

/** What Fastify itself refuses, in our words: by the library's code. */
const frameworkRefusals: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'BODY_TOO_LARGE', 'The body is larger than this operation takes'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'INVALID_BODY', 'The body is not as long as content-length says'],
  FST_ERR_HANDLER_TIMEOUT: [503, 'SERVICE_UNAVAILABLE', 'It takes too long at the moment'],
  FST_ERR_BAD_URL: [400, 'INVALID_URL', 'The address cannot be decoded'],
  // An id that cannot exist does not exist.
  FST_ERR_MAX_PARAM_LENGTH: [404, 'NOT_FOUND', 'There is nothing at this address']
}

export interface ProblemDocument extends Record<string, unknown> {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly requestId: string
}

/** An RFC 9457 problem. `about:blank` means that the title is the status's own (4.2.1); the code tells more. */
export function problem (status: number, code: string, detail: string, requestId: string, extras: ErrorExtras = {}): ProblemDocument {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    requestId,
    ...(extras.errors === undefined ? {} : { errors: extras.errors }),
    ...extras.members
  }
}

/** Sends a problem document with the headers that its status asks for. */
export function sendProblem (reply: FastifyReply, status: number, code: string, detail: string, extras: ErrorExtras = {}): FastifyReply {
  if (status === 401) void reply.header('www-authenticate', 'Bearer')
  if (status === 429 || status === 503) void reply.header('retry-after', String(Math.max(1, Math.ceil(extras.retryAfter ?? 1))))
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem(status, code, detail, reply.request.id, extras)))
}

type Translate = (error: unknown) => DomainError | undefined

/**
 * The last stop of every error. Refusals are answered in our words; what nobody foresaw is
 * 'Internal error' outside and a full record in the log.
 * @param translate what the server's own libraries throw, as a refusal; undefined where it is a bug.
 */
export function createErrorHandler (translate: Translate) {
  return function answerError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const refusal = error instanceof DomainError ? error : translate(error)
    if (refusal !== undefined) {
      if (refusal.kind === 'unavailable') request.log.warn({ err: error }, refusal.code)
      return sendProblem(reply, statusOf[refusal.kind], refusal.code, refusal.message, refusal.extras)
    }
    if (error.validation !== undefined) return sendInvalid(reply, error.validation, error.validationContext)

    const framework = frameworkRefusals[error.code]
    if (framework !== undefined) return sendProblem(reply, ...framework)
    // secure-json-parse and JSON.parse both end here, with a SyntaxError that quotes the body: not repeated.
    if (error.statusCode === 400) return sendProblem(reply, 400, 'INVALID_JSON', 'The body is not valid JSON')

    request.log.error({ err: error }, 'not foreseen')
    return sendProblem(reply, 500, 'INTERNAL_ERROR', 'Internal error')
  }
}

function sendInvalid (reply: FastifyReply, validation: readonly FastifySchemaValidationError[], context: string | undefined): FastifyReply {
  const errors = readSchemaErrors(validation)
  const [{ pointer, detail }] = errors as [FieldError]
  if (context === 'params') {
    // An id that cannot exist does not exist.
    const name = pointer.slice(1).replace(/Id$/, '')
    return sendProblem(reply, 404, `${name.toUpperCase()}_NOT_FOUND`, `There is no such ${name}`)
  }
  const where = context === 'body' ? 'The body' : context === 'headers' ? 'A header' : 'The query'
  return sendProblem(reply, 400, 'VALIDATION_FAILED', `${where} is not valid: ${pointer} ${detail}`, { errors })
}
