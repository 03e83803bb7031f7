import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { DomainError, type ErrorKind, type FieldError } from '../../errors.ts'
import { notFoundDetail } from '../hardening/not-found.ts'
import { readSchemaErrors } from '../validation/schema-errors.ts'
import { sendProblem } from './problem.ts'

/** The only mapping from the kind of an error to its status. */
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

type Problem = readonly [status: number, code: string, detail: string]

/** What Fastify itself rejects, by the code of its error. */
const frameworkProblems: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be application/json.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'BODY_TOO_LARGE', 'The body is too large.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'INVALID_BODY', 'The body does not match Content-Length.'],
  FST_ERR_BAD_URL: [400, 'INVALID_URL', 'The URL cannot be decoded.'],
  // An id that cannot exist is not found.
  FST_ERR_MAX_PARAM_LENGTH: [404, 'NOT_FOUND', notFoundDetail]
}

type Translate = (error: unknown) => DomainError | undefined

/**
 * Returns the handler of all errors. Refusals are sent as they are. For an unexpected error, the response contains only
 * 'Internal error', and the log contains the details.
 * @param translate Turns an error of the server's libraries into a refusal. Returns `undefined` for a bug.
 */
export function createErrorHandler (translate: Translate) {
  return function handleError (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const refusal = error instanceof DomainError ? error : translate(error)
    if (refusal !== undefined) {
      if (refusal.kind === 'unavailable') request.log.warn({ err: error }, refusal.code)
      return sendProblem(reply, statusOf[refusal.kind], refusal.code, refusal.message, refusal.extras)
    }
    if (error.validation !== undefined) return sendInvalid(reply, error.validation, error.validationContext)

    const problem = frameworkProblems[error.code]
    if (problem !== undefined) return sendProblem(reply, ...problem)
    // A syntax error of the JSON parser. Its message quotes the body, so it is not repeated.
    if (error.statusCode === 400) return sendProblem(reply, 400, 'INVALID_JSON', 'The body is not valid JSON.')

    request.log.error({ err: error }, 'the request failed unexpectedly')
    return sendProblem(reply, 500, 'INTERNAL_ERROR', 'Internal error')
  }
}

type Validation = readonly FastifySchemaValidationError[]

function sendInvalid (reply: FastifyReply, validation: Validation, context: string | undefined): FastifyReply {
  const errors = readSchemaErrors(validation)
  const [{ pointer, detail }] = errors as [FieldError]
  if (context === 'params') {
    // An id that cannot exist is not found.
    const name = pointer.slice(1).replace(/Id$/, '')
    return sendProblem(reply, 404, `${name.toUpperCase()}_NOT_FOUND`, `There is no ${name} with this id.`)
  }
  const part = context === 'body' ? 'The body' : context === 'headers' ? 'A header' : 'The query'
  const first = `${pointer} ${detail}`.trimStart()
  return sendProblem(reply, 400, 'VALIDATION_FAILED', `${part} is not valid: ${first}.`, { errors })
}
