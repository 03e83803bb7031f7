import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '@laurel/shared/id'
import { createKeyedMutex } from '@laurel/shared/keyed-mutex'
import { invalidCredentials } from '../domain/user.ts'
import type { Attempt, LoginAttemptStore } from '../stores/login-attempts.ts'
import { accountKey, addressKey, delayAfter, sessionKey, tooManyAttempts, type ThrottleKey } from './rules.ts'

/** Slows down attempts to guess passwords. */
export interface LoginThrottle {
  /**
   * Verifies a login. The attempt is counted by account and by address before it is verified. The count is undone if
   * the login succeeds.
   * Throws 401 `INVALID_CREDENTIALS` or 429 `TOO_MANY_ATTEMPTS`.
   * @param verify resolves to `undefined` if the password is wrong.
   */
  login: <T>(email: string, address: string, verify: () => Promise<T | undefined>) => Promise<T>
  /**
   * Verifies the password of a logged-in user. Attempts are counted per session, so an attacker cannot lock out the
   * owner.
   * Throws 401 `INVALID_CREDENTIALS` or 429 `TOO_MANY_ATTEMPTS`.
   */
  session: (sessionId: string, verify: () => Promise<boolean>) => Promise<void>
}

/** All times are in milliseconds. */
export interface LoginThrottleOptions {
  readonly now: () => Date
  /** How long an attempt may take. If the process dies, its key is blocked for this long. */
  readonly maxVerifyTime?: number
  /** How long an attempt waits for another one that is being verified. */
  readonly maxWait?: number
  readonly pollInterval?: number
}

export function createLoginThrottle (
  attempts: LoginAttemptStore, options: LoginThrottleOptions
): LoginThrottle {
  const { now, maxVerifyTime = 10_000, maxWait = 5000, pollInterval = 50 } = options
  // Of all attempts of this process that wait for the same key, only the first one polls.
  const mutex = createKeyedMutex()

  /** Returns `undefined` while another attempt is being verified. */
  async function tryToBegin ({ id: key, rule }: ThrottleKey): Promise<Attempt | undefined> {
    const at = now()
    const begun = await attempts.begin(key, newId(), {
      at,
      freeAttempts: rule.freeAttempts,
      heldUntil: new Date(at.getTime() + maxVerifyTime),
      forgetAt: new Date(at.getTime() + rule.memory * 1000),
      extendsMemory: rule.extendsMemory
    })
    if ('count' in begun) return begun
    if (begun.isHeld) return undefined
    throw tooManyAttempts(begun.blockedUntil.getTime() - at.getTime())
  }

  async function poll (key: ThrottleKey, deadline: number): Promise<Attempt> {
    while (true) {
      const begun = await tryToBegin(key)
      if (begun !== undefined) return begun
      if (Date.now() > deadline) throw tooManyAttempts(1000)
      await sleep(pollInterval)
    }
  }

  async function begin (key: ThrottleKey, deadline: number): Promise<Attempt> {
    return await tryToBegin(key) ?? await mutex(key.id, async () => await poll(key, deadline))
  }

  async function beginAll (keys: readonly [ThrottleKey, ...ThrottleKey[]]): Promise<Attempt[]> {
    const begun: Attempt[] = []
    const deadline = Date.now() + maxWait
    try {
      for (const key of keys) begun.push(await begin(key, deadline))
    } catch (error) {
      await undoAll(begun)
      throw error
    }
    return begun
  }

  async function undoAll (begun: readonly Attempt[]): Promise<void> {
    await Promise.all(begun.map(async attempt => { await attempts.undo(attempt) }))
  }

  async function fail (begun: readonly Attempt[], keys: readonly ThrottleKey[]): Promise<void> {
    const failedAt = now().getTime()
    await Promise.all(begun.map(async (attempt, index) => {
      const delay = delayAfter(attempt.count, (keys[index] as ThrottleKey).rule)
      if (delay > 0) await attempts.fail(attempt, new Date(failedAt + delay))
    }))
  }

  // A correct password resets only the first key, because an attacker may also have an account.
  async function attempt<T> (
    keys: readonly [ThrottleKey, ...ThrottleKey[]], verify: () => Promise<T | undefined>
  ): Promise<T> {
    const begun = await beginAll(keys)
    let result: T | undefined
    try {
      result = await verify()
    } catch (error) {
      // The password was not verified, because the server is busy or the database is unavailable.
      await undoAll(begun)
      throw error
    }
    if (result === undefined) {
      await fail(begun, keys)
      throw invalidCredentials()
    }
    await Promise.all([attempts.reset(keys[0].id), undoAll(begun.slice(1))])
    return result
  }

  return {
    login: async (email, address, verify) => await attempt([accountKey(email), addressKey(address)], verify),
    session: async (sessionId, verify) => {
      await attempt([sessionKey(sessionId)], async () => await verify() ? true : undefined)
    }
  }
}
