import { STATUS_CODES } from 'node:http'
import type { RouteContract } from '@laurel/shared/contracts'

/** The error codes that any operation of this kind may return, by status. */
function commonErrors ({ access, schema }: RouteContract): Record<string, readonly string[]> {
  const hasBody = schema.body !== undefined
  return {
    400: ['VALIDATION_FAILED', 'BAD_REQUEST', ...(hasBody ? ['INVALID_JSON'] : [])],
    ...(access === 'public' ? {} : { 401: ['UNAUTHENTICATED'], 403: ['FORBIDDEN'] }),
    404: ['NOT_FOUND'],
    405: ['METHOD_NOT_ALLOWED'],
    408: ['REQUEST_TIMEOUT'],
    ...(hasBody ? { 413: ['BODY_TOO_LARGE'], 415: ['UNSUPPORTED_MEDIA_TYPE'] } : {}),
    414: ['ADDRESS_TOO_LONG'],
    429: ['RATE_LIMITED'],
    431: ['HEADERS_TOO_LARGE'],
    500: ['INTERNAL_ERROR'],
    502: ['UPSTREAM_UNAVAILABLE'],
    503: ['SERVICE_UNAVAILABLE'],
    504: ['UPSTREAM_TIMEOUT']
  }
}

const RetryAfter = {
  'Retry-After': { description: 'Seconds to wait before the next attempt', type: 'integer', minimum: 1 }
}

/** The headers that come with a status. */
const headersOf: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': { description: 'The authentication scheme', type: 'string', const: 'Bearer' } },
  405: { Allow: { description: 'The methods that this path supports', type: 'string' } },
  429: RetryAfter,
  503: RetryAfter
}

/** Returns the error responses of an operation, by status, as OpenAPI describes them. */
export function errorResponses (contract: RouteContract): Record<string, object> {
  const errors = commonErrors(contract)
  for (const [status, codes] of Object.entries(contract.refusals ?? {})) {
    errors[status] = [...codes, ...errors[status] ?? []]
  }
  return Object.fromEntries(Object.entries(errors).map(([status, codes]) => [status, errorResponse(status, codes)]))
}

function errorResponse (status: string, codes: readonly string[]): object {
  return {
    description: codes.map(code => `\`${code}\``).join(' · '),
    ...(headersOf[status] === undefined ? {} : { headers: headersOf[status] }),
    content: {
      'application/problem+json': {
        schema: { $ref: 'Problem#' },
        example: {
          type: 'about:blank',
          title: STATUS_CODES[status],
          status: Number(status),
          detail: 'A sentence that explains this error to a person.',
          code: codes[0],
          requestId: '0f8e4c52-8f0b-4b7e-9c51-3a6f1f0b7d21'
        }
      }
    }
  }
}
