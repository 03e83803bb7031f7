import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { PlatformActivity } from '../domain/platform-activity.ts'
import type { OutboxStore, PendingActivities } from '../stores/outbox.ts'
import { createPoller } from './poller.ts'

/** A session has at most three activities after a login, so a batch stays below the limit of 500 per request. */
const sessionsPerBatch = 150

/** How many sessions with rejected activities the relay skips in one run, to reach the sessions after them. */
const maxRejectedSessions = 1500

/** All times are in milliseconds. */
export interface RelayTiming {
  /** How often the outbox is polled for pending activities. */
  readonly pollInterval?: number
  /** The minimum age of an entry. For newer entries, the login itself makes the first attempt. */
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
  /** Starts to poll for activities from failed attempts and from before a restart. */
  start: () => void
  close: () => Promise<void>
}

/**
 * Sends activities to event-service. Resolves once event-service has stored them, with the indexes of those that it
 * rejected instead.
 */
export type SendActivities = (activities: readonly PlatformActivity[]) => Promise<ReadonlySet<number>>

export function createRelay (
  outbox: OutboxStore, send: SendActivities, log: FastifyBaseLogger,
  { pollInterval = 1000, minAge = 2000, maxLoginWait = 300 }: RelayTiming = {}
): Relay {
  /** Returns how many sessions stay in the outbox because event-service rejected one of their activities. */
  async function sendBatch (batch: readonly PendingActivities[]): Promise<number> {
    const rejected = await send(batch.flatMap(({ activities }) => activities))
    let end = 0
    const delivered = batch.filter(({ activities }) => {
      const start = end
      end += activities.length
      return !activities.some((_activity, index) => rejected.has(start + index))
    })
    if (delivered.length > 0) await outbox.markDelivered(delivered)
    return batch.length - delivered.length
  }

  /** A rejected session does not delay other sessions. It is sent again in the next run. */
  async function sendAllPending (): Promise<void> {
    let batch: PendingActivities[]
    let rejected = 0
    do {
      batch = await outbox.findPending(new Date(Date.now() - minAge), sessionsPerBatch, rejected)
      if (batch.length > 0) rejected += await sendBatch(batch)
    } while (batch.length === sessionsPerBatch && rejected < maxRejectedSessions)
    if (rejected > 0) throw new Error(`event-service rejected activities of ${rejected} sessions`)
  }

  const poller = createPoller(sendAllPending, pollInterval, log, 'Activities not delivered; retrying')
  return {
    async deliver (pending) {
      const attempt = sendBatch([pending])
        .then(rejected => { if (rejected > 0) throw new Error('event-service rejected activities') })
        .catch((error: unknown) => { log.warn({ err: error }, 'Activities of a login not delivered; retrying') })
      await Promise.race([attempt, sleep(maxLoginWait)])
    },
    start: poller.start,
    close: poller.close
  }
}
