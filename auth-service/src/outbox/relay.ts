import { setTimeout as sleep } from 'node:timers/promises'
import { createBackgroundLoop } from '@laurel/shared/background-loop'
import type { FastifyBaseLogger } from 'fastify'
import { hasInviter, isInvitation, type PlatformActivity } from '../domain/platform-activity.ts'
import type { OutboxStore, PendingActivities } from '../stores/outbox.ts'
import type { UserStore } from '../stores/users.ts'

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

export interface RelayDependencies {
  readonly outbox: OutboxStore
  readonly users: Pick<UserStore, 'findCreationTimes'>
  readonly send: SendActivities
  readonly log: Pick<FastifyBaseLogger, 'warn'>
}

export function createRelay (
  { outbox, users, send, log }: RelayDependencies,
  { pollInterval = 1000, minAge = 2000, maxLoginWait = 300 }: RelayTiming = {}
): Relay {
  /**
   * Returns a function that tells whether an activity may be sent. An inviter who is gone gets no activities, because
   * event-service has erased them. A request that began before an erasure ends before the erasure is sent again.
   */
  async function createCheck (activities: readonly PlatformActivity[]): Promise<(one: PlatformActivity) => boolean> {
    const invitations = activities.filter(isInvitation)
    if (invitations.length === 0) return () => true
    const createdAt = await users.findCreationTimes(invitations.flatMap(({ userId, data }) => [userId, data.inviteeId]))
    return one => !isInvitation(one) || hasInviter(one, createdAt)
  }

  /** Returns how many sessions stay in the outbox because event-service rejected one of their activities. */
  async function sendBatch (batch: readonly PendingActivities[]): Promise<number> {
    const maySend = await createCheck(batch.flatMap(({ activities }) => activities))
    const entries = batch.flatMap(pending =>
      pending.activities.filter(maySend).map(activity => ({ pending, activity })))
    const rejected = await send(entries.map(({ activity }) => activity))
    const rejectedEntries = entries.filter((_entry, index) => rejected.has(index))
    const incomplete = new Set(rejectedEntries.map(({ pending }) => pending))
    const delivered = batch.filter(pending => !incomplete.has(pending))
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
    } while (batch.length === sessionsPerBatch && rejected < maxRejectedSessions && !loop.isClosed())
    if (rejected > 0) throw new Error(`event-service rejected activities of ${rejected} sessions`)
  }

  function warn (error: unknown): void {
    log.warn({ err: error }, 'activities were not delivered; retrying')
  }

  const loop = createBackgroundLoop(pollInterval, async () => {
    await sendAllPending().catch(warn)
    return pollInterval
  })
  return {
    async deliver (pending) {
      const attempt = sendBatch([pending])
        .then(rejected => { if (rejected > 0) throw new Error('event-service rejected activities') })
        .catch(warn)
      await Promise.race([attempt, sleep(maxLoginWait)])
    },
    start: loop.start,
    close: loop.close
  }
}
