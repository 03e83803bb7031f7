import { users, type User } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'

/** @returns whether somebody's account is there and active. @throws {DomainError} 503 where auth-service does not tell. */
export type AskAccount = (userId: string) => Promise<boolean>

/** Milliseconds. */
const patience = 2000

export function askAccountsAt (authUrl: string): AskAccount {
  return async userId => {
    const url = new URL(users.getAccountStatus.url.replace(':userId', userId), authUrl)
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'error' }).catch(() => undefined)
    if (answer?.status === 404) return false
    if (answer?.ok !== true) throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Whether the account is active cannot be told at the moment', { retryAfter: 2 })
    return (await answer.json() as Pick<User, 'status'>).status === 'ACTIVE'
  }
}
