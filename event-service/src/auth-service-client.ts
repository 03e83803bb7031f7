import { users, type FoundAccounts, type User } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'

/** Returns whether a user has an active account. Throws a 503 if auth-service does not respond. */
export type IsActiveAccount = (userId: string) => Promise<boolean>

/** The timeout for a response of auth-service, in milliseconds. */
const timeout = 2000

/** Returns a function that queries the auth-service at this URL. */
export function createAccountCheck (authUrl: string): IsActiveAccount {
  return async userId => {
    const url = new URL(users.getAccountStatus.url.replace(':userId', userId), authUrl)
    const signal = AbortSignal.timeout(timeout)
    const response = await fetch(url, { signal, redirect: 'error' }).catch(() => undefined)
    if (response?.status === 404) return false
    if (response?.ok !== true) throw accountStatusUnknown()
    return (await response.json() as Pick<User, 'status'>).status === 'ACTIVE'
  }
}

/**
 * Returns the status of each of these users that has an account. At most 500. Throws a 503 if auth-service does not
 * respond.
 */
export type LookUpAccounts = (userIds: readonly string[]) => Promise<ReadonlyMap<string, User['status']>>

/** Returns a function that queries the auth-service at this URL for many users in one request. */
export function createAccountLookup (authUrl: string): LookUpAccounts {
  const url = new URL(users.lookupUsers.url, authUrl)
  return async userIds => {
    const response = await fetch(url, {
      method: users.lookupUsers.method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ userIds }),
      signal: AbortSignal.timeout(timeout),
      redirect: 'error'
    }).catch(() => undefined)
    if (response?.ok !== true) throw accountStatusUnknown()
    const found = await response.json() as FoundAccounts
    return new Map(found.users.map(({ id, status }) => [id, status]))
  }
}

function accountStatusUnknown (): DomainError {
  const message = 'The status of the account cannot be checked; retry after 2 seconds.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 2 })
}
