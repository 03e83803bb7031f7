/** The kind of an error. `http/problem/error-handler.ts` maps each kind to a status. */
export type ErrorKind =
  | 'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'stale'
  | 'unprocessable' | 'too-many' | 'unavailable'

/** One invalid field of a request. `pointer` is a JSON Pointer (RFC 6901) into the body, the query, or the headers. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

export interface ErrorExtras {
  /** The invalid fields, for the kind `invalid`. */
  readonly errors?: readonly FieldError[]
  /** In seconds: when to retry, for the kinds `too-many` and `unavailable`. */
  readonly retryAfter?: number
  /** Further members of the problem document (RFC 9457, 3.2), for example `claim` or `progress`. */
  readonly members?: Readonly<Record<string, unknown>>
}

/**
 * An error whose message is meant for the caller. `code` is UPPER_SNAKE and stable, so that clients can branch on it.
 * `message` is one sentence.
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

/** Returns an error for one invalid field, for rules that a schema cannot express. */
export function invalidField (pointer: string, detail: string): DomainError {
  return new DomainError('invalid', 'VALIDATION_FAILED', `${pointer} ${detail}`, { errors: [{ pointer, detail }] })
}

/** The configuration or the environment prevents the start. The error is logged as one line, without a stack trace. */
export class StartupError extends Error {
  override readonly name = 'StartupError'
}
