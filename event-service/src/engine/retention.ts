import { Failed, isolateAsync } from '../batch.ts'
import { daysBefore, retentionFor, type Retention } from '../domain/retention.ts'
import type { OldActivityStore } from '../stores/old-activities.ts'
import { createLoop, type Loop } from './loop.ts'

export interface RetentionOptions {
  readonly store: OldActivityStore
  /** How many days activities stay after the last event that counts them, at least 3. */
  readonly days: number
  readonly log: { warn: (error: unknown, message: string) => void }
  /** Called with the number of activities that were removed. */
  readonly onRemoved: (activities: number) => void
}

export interface ActivityRetention extends Pick<Loop, 'start' | 'close'> {
  /** Looks at all users once. */
  pass: () => Promise<void>
}

/** Times in milliseconds. */
const stepInterval = 1000
const passInterval = 3_600_000
const retryInterval = 60_000
/** For how long it is remembered which activities stay. Events that are created meanwhile are not considered yet. */
const maxRetentionAge = 30_000
/** How many commands one step sends at most, and how many activities one command removes. */
const maxBatches = 20
const batchSize = 500

/**
 * Removes activities that no event needs any longer, user by user, a few in each second, so that nobody notices.
 * Several processes may do it at once.
 */
export function createActivityRetention ({ store, days, log, onRemoved }: RetentionOptions): ActivityRetention {
  const loop = createLoop(stepInterval, run)
  /** The last user that is done in this pass. */
  let position = ''
  let known: { readonly retention: Retention, readonly readAt: number } | undefined

  async function currentRetention (): Promise<Retention> {
    if (known !== undefined && performance.now() - known.readAt < maxRetentionAge) return known.retention
    const readAt = performance.now()
    // A clock that is ahead must not remove anything: the earlier one of two counts.
    const now = new Date(Math.min(Date.now(), (await store.now()).getTime()))
    const before = daysBefore(now, days)
    const retention = retentionFor(await store.eventsInNeed(before), before)
    known = { retention, readAt }
    return retention
  }

  /** Removes some activities. Returns whether the pass is done. If a user fails, the others go on. */
  async function step (): Promise<boolean> {
    const retention = await currentRetention()
    const failures: Failed[] = []
    for (let batch = 0; batch < maxBatches; batch++) {
      if (loop.isClosed()) return true
      const userId = await store.nextUser(position)
      if (userId === undefined) {
        position = ''
        return true
      }
      const removed = await isolateAsync(async () => await store.remove(userId, retention, batchSize))
      if (removed instanceof Failed) failures.push(removed)
      else if (removed > 0) onRemoved(removed)
      if (removed !== batchSize) position = userId
    }
    const [first] = failures
    if (first !== undefined) throw first.error
    return false
  }

  /** Returns the pause until the next step. */
  async function run (): Promise<number> {
    try {
      return await step() ? passInterval : stepInterval
    } catch (error) {
      log.warn(error, 'Old activities were not removed; retrying in 1 minute')
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
