import type { CallerRole } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'

/** The minimum number of characters in a search by an OPERATOR. */
const minSearchLength = 3

interface UserQuery {
  readonly q?: string
  readonly role?: unknown
  readonly status?: unknown
}

/** Throws a 400 if an OPERATOR uses a filter other than the prefix search. */
export function checkUserQuery (caller: CallerRole, { q = '', role, status }: UserQuery): void {
  if (caller !== 'OPERATOR') return
  if ([...q.normalize('NFC').trim()].length < minSearchLength) {
    throw invalidField('/q', `must have at least ${minSearchLength} characters`)
  }
  if (role !== undefined) throw invalidField('/role', 'is allowed only for an ADMIN')
  if (status !== undefined) throw invalidField('/status', 'is allowed only for an ADMIN')
}

/** Returns an address as an OPERATOR sees it: `k***@example.com`. */
export function maskEmail (email: string): string {
  const at = email.lastIndexOf('@')
  const [first = ''] = email
  return `${first}***${email.slice(at)}`
}
