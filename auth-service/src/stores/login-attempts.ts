import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'

interface AttemptDocument {
  _id: string
  failures: number
  /** No password is verified before this instant. */
  until?: Date
  expiresAt: Date
}

/** Counts wrong passwords in the database, so every auth-service knows of them and a restart forgets nothing. */
export interface LoginAttemptStore {
  /** Returns the latest instant until which one of these keys is blocked, or `null`. */
  blockedUntil: (ids: readonly string[], at: Date) => Promise<Date | null>
  /**
   * Adds a failure and returns their number.
   * @param extends whether `forgetAt` replaces the instant at which earlier failures are forgotten.
   */
  countFailure: (id: string, forgetAt: Date, extendsMemory: boolean) => Promise<number>
  /** Blocks a key until this instant, unless it is blocked for longer. */
  block: (id: string, until: Date) => Promise<void>
  /** Forgets the failures of a key. */
  reset: (id: string) => Promise<void>
}

export function createLoginAttemptStore (db: Db): LoginAttemptStore {
  const attempts = db.collection<AttemptDocument>('attempts')
  return {
    async blockedUntil (ids, at) {
      const blocked = await attempts.find({ _id: { $in: [...ids] }, until: { $gt: at } }, timeLimit).toArray()
      const latest = Math.max(0, ...blocked.map(({ until }) => Number(until)))
      return latest === 0 ? null : new Date(latest)
    },
    async countFailure (id, expiresAt, extendsMemory) {
      const counted = await attempts.findOneAndUpdate(
        { _id: id },
        { $inc: { failures: 1 }, [extendsMemory ? '$set' : '$setOnInsert']: { expiresAt } },
        { upsert: true, returnDocument: 'after', ...timeLimit }
      )
      return Number(counted?.failures)
    },
    async block (id, until) {
      await attempts.updateOne({ _id: id }, { $max: { until } }, timeLimit)
    },
    async reset (id) {
      await attempts.deleteOne({ _id: id }, timeLimit)
    }
  }
}
