import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { PlatformActivity } from '../domain/platform-activity.ts'
import type { OutboxStore, PendingActivities } from '../stores/outbox.ts'
import { createPoller } from './poller.ts'

/** A session has at most three activities to send after a login, so a batch stays below the 500 of a request. */
const sessionsPerBatch = 150

/** All times are in milliseconds. */
export interface RelayTiming {
  /** How often the outbox is read for activities that still wait. */
  readonly pollInterval?: number
  /** Younger entries are left to the attempt that follows their login. */
  readonly minAge?: number
  /** How long a login waits for the first attempt. A claim right after a login then counts its activities. */
  readonly maxLoginWait?: number
}

/** Delivers the activities of auth-service at least once, in any order. event-service counts each id once. */
export interface Relay {
  /**
   * Makes the first attempt for a new login or visit. Resolves when the attempt has ended, or after `maxLoginWait`.
   * `start` retries what failed.
   */
  deliver: (pending: PendingActivities) => Promise<void>
  /** Starts to poll for activities of failed attempts and of the time before a restart. */
  start: () => void
  close: () => Promise<void>
}

/** Sends activities to event-service. Resolves once event-service has stored them. */
export type SendActivities = (activities: readonly PlatformActivity[]) => Promise<void>

export function createRelay (
  outbox: OutboxStore, send: SendActivities, log: FastifyBaseLogger,
  { pollInterval = 1000, minAge = 2000, maxLoginWait = 300 }: RelayTiming = {}
): Relay {
  async function sendBatch (batch: readonly PendingActivities[]): Promise<void> {
    await send(batch.flatMap(({ activities }) => activities))
    await outbox.markDelivered(batch)
  }

  async function sendAllPending (): Promise<void> {
    let batch: PendingActivities[]
    do {
      batch = await outbox.findPending(new Date(Date.now() - minAge), sessionsPerBatch)
      if (batch.length > 0) await sendBatch(batch)
    } while (batch.length === sessionsPerBatch)
  }

  const poller = createPoller(sendAllPending, pollInterval, log, 'Activities not delivered; retrying')
  return {
    async deliver (pending) {
      const attempt = sendBatch([pending])
        .catch((error: unknown) => { log.warn({ err: error }, 'Activities of a login not delivered; retrying') })
      await Promise.race([attempt, sleep(maxLoginWait)])
    },
    start: poller.start,
    close: poller.close
  }
}
