import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ErasureStore } from '../stores/erasures.ts'
import { createPoller } from './poller.ts'

const erasuresPerRun = 100

/** All times are in milliseconds. */
export interface ErasureRelayTiming {
  readonly pollInterval?: number
  /** How long a request waits for the first attempt. */
  readonly maxWait?: number
  /**
   * The last erasure request is sent this long after the account was deleted. By then, activities of the user that were
   * in flight have arrived or failed.
   */
  readonly settleTime?: number
}

/** Sends the erasures of users to event-service, each at least once. */
export interface ErasureRelay {
  /** Makes the first attempt. Resolves when it has finished, or after `maxWait`. `start` makes the last one. */
  deliver: (userId: string) => Promise<void>
  start: () => void
  close: () => Promise<void>
}

/** Resolves once event-service has erased the user. */
export type SendErasure = (userId: string) => Promise<void>

export function createErasureRelay (
  erasures: ErasureStore, send: SendErasure, log: FastifyBaseLogger,
  { pollInterval = 1000, maxWait = 300, settleTime = 5000 }: ErasureRelayTiming = {}
): ErasureRelay {
  async function sendPending (): Promise<void> {
    const userIds = await erasures.findPending(new Date(Date.now() - settleTime), erasuresPerRun)
    for (const userId of userIds) {
      await send(userId)
      await erasures.delete(userId)
    }
  }

  const poller = createPoller(sendPending, pollInterval, log, 'Erasure not delivered; retrying')
  return {
    async deliver (userId) {
      const attempt = send(userId)
        .catch((error: unknown) => { log.warn({ err: error }, 'Erasure not delivered; retrying') })
      await Promise.race([attempt, sleep(maxWait)])
    },
    start: poller.start,
    close: poller.close
  }
}
