import { users, type User } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'

/** Returns whether a user has an active account. Throws a 503 if auth-service does not answer. */
export type AskAccount = (userId: string) => Promise<boolean>

/** How long auth-service may take to answer, in milliseconds. */
const timeout = 2000

/** Returns a function that asks the auth-service at this URL. */
export function askAccountsAt (authUrl: string): AskAccount {
  return async userId => {
    const url = new URL(users.getAccountStatus.url.replace(':userId', userId), authUrl)
    const signal = AbortSignal.timeout(timeout)
    const response = await fetch(url, { signal, redirect: 'error' }).catch(() => undefined)
    if (response?.status === 404) return false
    if (response?.ok !== true) throw accountStatusUnknown()
    return (await response.json() as Pick<User, 'status'>).status === 'ACTIVE'
  }
}

function accountStatusUnknown (): DomainError {
  const message = 'The status of the account cannot be checked; retry after 2 seconds.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', message, { retryAfter: 2 })
}
