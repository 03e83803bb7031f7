import { Type, type Static } from 'typebox'
import { errorTable, problemType, type ErrorCode } from '../errors/index.ts'
import { Int32, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'

/** One invalid field of a request. */
export const FieldError = Strict({
  pointer: ResponseString('A JSON Pointer (RFC 6901) to the field in the body, the query, or the headers.'),
  detail: ResponseString('What is wrong with the field.')
}, { title: 'FieldError', description: 'One invalid field of a request.' })

/** An RFC 9457 problem document. Every error has this shape; `code` is stable. */
export const Problem = Type.Object({
  type: ResponseString('A URI reference that identifies the kind of problem.'),
  title: ResponseString('A short summary of the kind of problem.'),
  status: Int32('The HTTP status code.'),
  detail: ResponseString('A sentence about what went wrong in this request and what to do.'),
  code: Type.String({ pattern: '^[A-Z][A-Z_]*$', description: 'A stable code that programs can branch on.' }),
  requestId: ResponseString('The id of the request, as in the `x-request-id` header. Quote it in a bug report.'),
  errors: Type.Optional(Type.Array(FieldError, {
    description: 'The invalid fields, if the request failed validation.'
  }))
}, { title: 'Problem', description: 'A problem document (RFC 9457). Every error has this shape.' })
export type Problem = Static<typeof Problem>

/** Returns an example problem document with this code. */
export function exampleProblem (code: ErrorCode, members: object = {}): object {
  const { title, status, meaning } = errorTable[code]
  const invalid = code === 'VALIDATION_FAILED' ? { errors: [{ pointer: '/name', detail: 'is required' }] } : {}
  return {
    type: problemType(code), title, status, detail: meaning, code, requestId: example.requestId, ...invalid, ...members
  }
}
