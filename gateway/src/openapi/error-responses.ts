import {
  describeCodes, errorTable, exampleProblem, Problem, type ErrorCode, type RouteContract
} from '@laurel/shared/contracts'
import type { Components, JsonObject } from './components.ts'

type CodesByStatus = Readonly<Record<string, readonly ErrorCode[]>>

/** Returns the codes that any operation of this kind can return, by status. */
function commonCodes ({ access, schema, csv }: RouteContract): CodesByStatus {
  const hasBody = schema.body !== undefined
  return {
    400: [
      'VALIDATION_FAILED', 'BAD_HOST', 'INVALID_URL', 'UPGRADE_REFUSED', 'BAD_REQUEST',
      ...(hasBody ? ['INVALID_JSON', 'INVALID_BODY'] as const : []),
      ...(csv === undefined ? [] : ['INVALID_CSV'] as const)
    ],
    ...(access === 'public' ? {} : { 401: ['UNAUTHENTICATED'], 403: ['FORBIDDEN'] }),
    404: ['NOT_FOUND'],
    405: ['METHOD_NOT_ALLOWED'],
    408: ['REQUEST_TIMEOUT'],
    ...(hasBody ? { 413: ['BODY_TOO_LARGE'] } : {}),
    414: ['ADDRESS_TOO_LONG'],
    415: ['UNSUPPORTED_MEDIA_TYPE'],
    417: ['EXPECTATION_FAILED'],
    429: ['RATE_LIMITED'],
    431: ['HEADERS_TOO_LARGE'],
    500: ['INTERNAL_ERROR'],
    502: ['UPSTREAM_UNAVAILABLE'],
    503: ['TOO_BUSY', 'NOT_READY', 'SERVICE_UNAVAILABLE'],
    504: ['UPSTREAM_TIMEOUT']
  }
}

const retryAfter = {
  'Retry-After': {
    description: 'The seconds to wait before the next attempt.',
    schema: { type: 'integer', format: 'int32', minimum: 1 }
  }
}

/** The additional response headers of a status. */
const headersOf: Readonly<Record<string, JsonObject>> = {
  401: {
    'WWW-Authenticate': { description: 'The authentication scheme.', schema: { type: 'string', const: 'Bearer' } }
  },
  405: { Allow: { description: 'The methods that the path supports.', schema: { type: 'string' } } },
  415: {
    'Accept-Encoding': {
      description: 'The accepted `Content-Encoding`, if the one of the request is not supported.',
      schema: { type: 'string', const: 'identity' }
    }
  },
  429: retryAfter,
  503: retryAfter
}

/** Returns all error codes of an operation, by status. */
export function errorCodesOf (contract: RouteContract): CodesByStatus {
  const common = commonCodes(contract)
  const own: CodesByStatus = contract.refusals ?? {}
  const statuses = Object.keys({ ...common, ...own })
  return Object.fromEntries(statuses.map(status => [status, [...own[status] ?? [], ...common[status] ?? []]]))
}

/** Returns the error responses of an operation by status. Those that only have common codes become components. */
export function errorResponses (contract: RouteContract, components: Components): JsonObject {
  return Object.fromEntries(Object.entries(errorCodesOf(contract)).map(([status, codes]) => {
    const response = errorResponse(status, codes, components, contract.problems?.[Number(status)])
    if (contract.refusals?.[Number(status)] !== undefined) return [status, response]
    const name = componentName(codes)
    components.responses[name] = response
    return [status, { $ref: `#/components/responses/${name}` }]
  }))
}

function errorResponse (
  status: string, codes: readonly ErrorCode[], { describe }: Components, problem?: object
): JsonObject {
  const headers = headersOf[status]
  const code = { type: 'string', enum: codes, description: 'The reason.' }
  const withCodes = { allOf: [describe(Problem), { type: 'object', required: ['code'], properties: { code } }] }
  return {
    description: describeCodes(codes),
    ...(headers === undefined ? {} : { headers }),
    content: {
      'application/problem+json': {
        schema: problem === undefined ? withCodes : describe(problem),
        examples: Object.fromEntries(codes.map(code => [code, exampleOf(code, problem)]))
      }
    }
  }
}

/** Returns an example of the error with this code: the example of the schema if it has one. */
function exampleOf (code: ErrorCode, problem?: { examples?: ReadonlyArray<{ code: ErrorCode }> }): JsonObject {
  const value = problem?.examples?.find(example => example.code === code) ?? exampleProblem(code)
  return { summary: errorTable[code].title, value: value as unknown as JsonObject }
}

/** Returns the name of a response: its last code, which distinguishes it from other responses of the same status. */
function componentName (codes: readonly ErrorCode[]): string {
  return String(codes.at(-1)).toLowerCase().replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
