/** What a refusal is about. `http/problem.ts` holds the one table that turns a kind into a status. */
export type ErrorKind =
  | 'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'stale'
  | 'unprocessable' | 'too-many' | 'unavailable'

/** One broken rule of a request: `pointer` is a JSON Pointer (RFC 6901) into the body or the query. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

export interface ErrorExtras {
  /** Which fields are wrong, for a refusal of kind `invalid`. */
  readonly errors?: readonly FieldError[]
  /** Seconds after which a retry makes sense, for `too-many` and `unavailable`. */
  readonly retryAfter?: number
  /** Further members of the problem document (RFC 9457, 3.2), e.g. `claim` or `progress`. */
  readonly members?: Readonly<Record<string, unknown>>
}

/**
 * A refusal that the caller is meant to read.
 * `code` is UPPER_SNAKE and stable: clients may branch on it; `message` is one sentence for a person.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError'
  readonly kind: ErrorKind
  readonly code: string
  readonly extras: ErrorExtras

  constructor (kind: ErrorKind, code: string, message: string, extras: ErrorExtras = {}) {
    super(message)
    this.kind = kind
    this.code = code
    this.extras = extras
  }
}

/** A 400 that names one field, for the rules that a schema cannot say. */
export function invalidField (pointer: string, detail: string): DomainError {
  return new DomainError('invalid', 'VALIDATION_FAILED', `${pointer} ${detail}`, { errors: [{ pointer, detail }] })
}

/** A configuration or environment that cannot work: one line for the operator, no stack. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
