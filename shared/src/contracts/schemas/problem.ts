import { Type, type Static } from 'typebox'
import { Answer, Strict } from './common.ts'

/** One invalid field of a request. */
export const FieldError = Strict({
  pointer: Answer('A JSON Pointer (RFC 6901) to the field in the body, the query, or the headers.'),
  detail: Answer('What is wrong with the field.')
})

/** An RFC 9457 problem document. Every error has this shape; `code` is stable. */
export const Problem = Type.Object({
  type: Answer('A URI reference that identifies the kind of problem.'),
  title: Answer('A short summary of the kind of problem.'),
  status: Type.Integer({ description: 'The HTTP status code.' }),
  detail: Answer('One sentence that says what went wrong in this request and what to do.'),
  code: Type.String({ pattern: '^[A-Z][A-Z_]*$', description: 'A stable code that programs can branch on.' }),
  requestId: Answer('The id of the request, as in the `x-request-id` header. Quote it when you report a problem.'),
  errors: Type.Optional(Type.Array(FieldError, {
    description: 'The invalid fields, if the request failed validation.'
  }))
})
export type Problem = Static<typeof Problem>
