import { invalidCredentials } from '../domain/user.ts'
import type { LoginAttemptStore } from '../stores/login-attempts.ts'
import { accountKey, addressKey, delayAfter, sessionKey, tooManyAttempts, type ThrottleKey } from './rules.ts'

/** Slows down people who guess passwords. */
export interface LoginThrottle {
  /**
   * Verifies a login unless its account or address has to wait. Counts it if it fails.
   * @param verify resolves to undefined if the password is wrong.
   * @throws {DomainError} 401 `INVALID_CREDENTIALS`, 429 `TOO_MANY_ATTEMPTS`.
   */
  login: <T>(email: string, address: string, verify: () => Promise<T | undefined>) => Promise<T>
  /**
   * Verifies the password of a signed-in user. Failures count for the session only, so nobody can lock out the owner.
   * @throws {DomainError} 401 `INVALID_CREDENTIALS`, 429 `TOO_MANY_ATTEMPTS`.
   */
  session: (sessionId: string, verify: () => Promise<boolean>) => Promise<void>
}

export function createLoginThrottle (attempts: LoginAttemptStore): LoginThrottle {
  // A correct password resets the first key only: someone who guesses may also have an account of their own.
  async function attempt<T> (
    keys: readonly [ThrottleKey, ...ThrottleKey[]], verify: () => Promise<T | undefined>
  ): Promise<T> {
    const startedAt = new Date()
    const blockedUntil = await attempts.blockedUntil(keys.map(({ id }) => id), startedAt)
    if (blockedUntil !== null) throw tooManyAttempts(blockedUntil.getTime() - startedAt.getTime())

    const result = await verify()
    if (result === undefined) {
      const failedAt = new Date()
      await Promise.all(keys.map(async key => { await countFailure(key, failedAt) }))
      throw invalidCredentials()
    }
    await attempts.reset(keys[0].id)
    return result
  }

  async function countFailure ({ id, rule }: ThrottleKey, at: Date): Promise<void> {
    const forgetAt = new Date(at.getTime() + rule.memory * 1000)
    const failures = await attempts.countFailure(id, forgetAt, rule.extendsMemory)
    const delay = delayAfter(failures, rule)
    if (delay > 0) await attempts.block(id, new Date(at.getTime() + delay))
  }

  return {
    login: async (email, address, verify) => await attempt([accountKey(email), addressKey(address)], verify),
    session: async (sessionId, verify) => {
      await attempt([sessionKey(sessionId)], async () => await verify() ? true : undefined)
    }
  }
}
