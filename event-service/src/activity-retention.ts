import { createBackgroundLoop, type BackgroundLoop } from '@laurel/shared/background-loop'
import { Failed, isolateAsync } from './batch.ts'
import { daysBefore, retentionFor, type Retention } from './domain/retention.ts'
import type { OldActivityStore } from './stores/old-activities.ts'
import type { WarningLog } from './warning-log.ts'

export interface RetentionOptions {
  readonly store: OldActivityStore
  /** How many days activities are kept after the last event that counts them, at least 3. */
  readonly days: number
  readonly log: WarningLog
  /** Called with the number of activities that were removed. */
  readonly onRemoved: (activities: number) => void
}

export interface ActivityRetention extends Pick<BackgroundLoop, 'start' | 'close'> {
  /** Processes all users once. */
  pass: () => Promise<void>
}

/** The time between two steps of a pass, in milliseconds. */
const stepInterval = 1000
/** The time between two passes, in milliseconds. */
const passInterval = 3_600_000
/** The time until a failed step is repeated, in milliseconds. */
const retryInterval = 60_000
/**
 * How long the list of activities to keep is cached, in milliseconds. Events that are created in the meantime are
 * ignored until then.
 */
const maxRetentionAge = 30_000
/** The maximum number of commands per step, and of activities that one command removes. */
const maxBatches = 20
const batchSize = 500

/**
 * Removes activities that no event needs any longer, user by user, with a limited rate, so that requests are not
 * affected. Several processes can do this concurrently.
 */
export function createActivityRetention ({ store, days, log, onRemoved }: RetentionOptions): ActivityRetention {
  const loop = createBackgroundLoop(stepInterval, run)
  /** The last user that was processed in this pass. */
  let position = ''
  let known: { readonly retention: Retention, readonly readAt: number } | undefined

  async function currentRetention (): Promise<Retention> {
    if (known !== undefined && performance.now() - known.readAt < maxRetentionAge) return known.retention
    const readAt = performance.now()
    // A clock that is ahead must not remove anything, so the earlier of the two clocks is used.
    const now = new Date(Math.min(Date.now(), (await store.now()).getTime()))
    const before = daysBefore(now, days)
    const retention = retentionFor(await store.findRetainingEvents(before), before)
    known = { retention, readAt }
    return retention
  }

  /**
   * Removes some activities. Returns `true` if the pass is done. If a user fails, the other users are still processed
   * before it throws.
   */
  async function step (): Promise<boolean> {
    const retention = await currentRetention()
    const failures: Failed[] = []
    let isDone = false
    for (let batch = 0; batch < maxBatches && !isDone; batch++) {
      const userId = loop.isClosed() ? undefined : await store.nextUser(position)
      if (userId === undefined) {
        position = ''
        isDone = true
      } else {
        const removed = await isolateAsync(async () => await store.remove(userId, retention, batchSize))
        if (removed instanceof Failed) failures.push(removed)
        else if (removed > 0) onRemoved(removed)
        if (removed !== batchSize) position = userId
      }
    }
    const [first] = failures
    if (first !== undefined) throw first.error
    return isDone
  }

  /** Returns the delay before the next step. */
  async function run (): Promise<number> {
    try {
      return await step() ? passInterval : stepInterval
    } catch (error) {
      log.warn({ err: error }, 'old activities were not removed; retrying in 1 minute')
      return retryInterval
    }
  }

  return {
    start: loop.start,
    close: loop.close,
    async pass () {
      known = undefined
      while (!await step());
    }
  }
}
