import { setTimeout as sleep } from 'node:timers/promises'
import { createBackgroundLoop } from '@laurel/shared/background-loop'
import type { FastifyBaseLogger } from 'fastify'
import { userBeingErased } from '../domain/user.ts'
import type { ErasureStore } from '../stores/erasures.ts'

const erasuresPerRun = 100

/** All times are in milliseconds. */
export interface ErasureRelayTiming {
  /** The time between two attempts to send what is pending. */
  readonly pollInterval?: number
  /** How long a request waits for the first attempt. */
  readonly maxWait?: number
  /**
   * The last erasure request is sent this long after the account was deleted. By then, activities of the user that were
   * in flight have arrived or failed.
   */
  readonly resendAfter?: number
}

export interface ErasureRelayDependencies {
  readonly erasures: ErasureStore
  readonly send: SendErasure
  readonly log: Pick<FastifyBaseLogger, 'warn'>
}

/** Sends the erasures of users to event-service, each at least once. */
export interface ErasureRelay {
  /** Makes the first attempt. Resolves when it has finished, or after `maxWait`. `start` makes the last one. */
  deliver: (userId: string) => Promise<void>
  /**
   * Makes the last attempt now, if the erasure is pending, so that a new user can have the id. Throws a 503 if
   * event-service cannot erase the user.
   */
  complete: (userId: string) => Promise<void>
  start: () => void
  close: () => Promise<void>
}

/** Resolves once event-service has erased the user. */
export type SendErasure = (userId: string) => Promise<void>

export function createErasureRelay (
  { erasures, send, log }: ErasureRelayDependencies,
  { pollInterval = 1000, maxWait = 300, resendAfter = 5000 }: ErasureRelayTiming = {}
): ErasureRelay {
  function warn (error: unknown): void {
    log.warn({ err: error }, 'an erasure was not delivered; retrying')
  }

  /** An erasure that fails does not delay the others: it is retried after all that are pending now. */
  async function sendPending (): Promise<void> {
    const before = new Date(Date.now() - resendAfter)
    const failures: Array<{ userId: string, error: unknown }> = []
    for (const userId of await erasures.findPending(before, erasuresPerRun)) {
      try {
        // It may have been completed, and the id may belong to a new user.
        if (await erasures.pendingSince(userId) === null) continue
        await send(userId)
        await erasures.delete(userId, before)
      } catch (error) {
        failures.push({ userId, error })
        await erasures.postpone(userId, before)
      }
    }
    const [first] = failures
    if (first !== undefined) {
      const { userId, error: cause } = first
      throw new Error(`${failures.length} erasures failed, the first one of user ${userId}`, { cause })
    }
  }

  const loop = createBackgroundLoop(pollInterval, async () => {
    await sendPending().catch(warn)
    return pollInterval
  })
  return {
    async deliver (userId) {
      await Promise.race([send(userId).catch(warn), sleep(maxWait)])
    },
    async complete (userId) {
      const since = await erasures.pendingSince(userId)
      if (since === null) return
      await send(userId).catch((error: unknown) => {
        warn(error)
        throw userBeingErased()
      })
      await erasures.delete(userId, new Date(since.getTime() + 1))
    },
    start: loop.start,
    close: loop.close
  }
}
