import { timeLimit, isDuplicateKeyError } from '@laurel/shared/mongo'
import type { Collection, Db } from 'mongodb'

interface AttemptsDocument {
  _id: string
  /** Attempts that failed or are being verified. */
  failures: number
  /** No attempt is accepted before this instant. */
  until?: Date
  /** The attempt that is being verified. It blocks other attempts. */
  heldBy?: string
  expiresAt: Date
}

/** An attempt that was counted before its password is verified. */
export interface Attempt {
  readonly key: string
  readonly id: string
  /** The number of attempts including this one. */
  readonly count: number
}

export interface AttemptOptions {
  readonly at: Date
  /** The number of attempts that can be verified at the same time. */
  readonly freeAttempts: number
  /** After these, an attempt blocks all others until it ends, or until this instant if the process dies. */
  readonly heldUntil: Date
  readonly forgetAt: Date
  /** Whether `forgetAt` also applies to the earlier attempts. */
  readonly extendsMemory: boolean
}

/** Why an attempt was not accepted. */
export interface Blocked {
  readonly blockedUntil: Date
  /** Whether another attempt is being verified. */
  readonly isHeld: boolean
}

/** Counts attempts in the database, so that all instances share the counts and a restart does not reset them. */
export interface LoginAttemptStore {
  /** Counts an attempt before its password is verified, in one write. Does not count a blocked attempt. */
  begin: (key: string, id: string, options: AttemptOptions) => Promise<Attempt | Blocked>
  /** Records a failed attempt, and blocks the next attempt until this instant. */
  fail: (attempt: Attempt, acceptNextAt: Date) => Promise<void>
  /** Undoes the count of an attempt whose password was correct or was not verified. */
  undo: (attempt: Attempt) => Promise<void>
  /** Forgets all attempts of a key. */
  reset: (key: string) => Promise<void>
}

export function createLoginAttemptStore (db: Db): LoginAttemptStore {
  const attempts = db.collection<AttemptsDocument>('attempts')
  return {
    async begin (key, id, options) {
      while (true) {
        const count = await countAttempt(attempts, key, id, options)
        if (count !== undefined) return { key, id, count }
        const found = await attempts.findOne({ _id: key, until: { $gt: options.at } }, timeLimit)
        if (found?.until !== undefined) return { blockedUntil: found.until, isHeld: found.heldBy !== undefined }
        // Another attempt has created or unblocked the document in the meantime.
      }
    },
    async fail ({ key, id }, acceptNextAt) {
      const change = { $set: { until: acceptNextAt }, $unset: { heldBy: 1 } } as const
      await attempts.updateOne({ _id: key, heldBy: id }, change, timeLimit)
    },
    async undo ({ key, id }) {
      const isMine = { $eq: ['$heldBy', id] }
      await attempts.updateOne({ _id: key, failures: { $gt: 0 } }, [{
        $set: {
          failures: { $subtract: ['$failures', 1] },
          until: { $cond: [isMine, '$$REMOVE', '$until'] },
          heldBy: { $cond: [isMine, '$$REMOVE', '$heldBy'] }
        }
      }], timeLimit)
    },
    async reset (key) {
      await attempts.deleteOne({ _id: key }, timeLimit)
    }
  }
}

/** Returns the number of attempts including this one, or `undefined` if the key is blocked. */
async function countAttempt (
  attempts: Collection<AttemptsDocument>, key: string, id: string, options: AttemptOptions
): Promise<number | undefined> {
  const { at, freeAttempts, heldUntil, forgetAt, extendsMemory } = options
  const isFree = { $lte: ['$failures', freeAttempts] }
  try {
    const counted = await attempts.findOneAndUpdate(
      { _id: key, until: { $not: { $gt: at } } },
      [
        {
          $set: {
            failures: { $add: [{ $ifNull: ['$failures', 0] }, 1] },
            expiresAt: extendsMemory ? forgetAt : { $ifNull: ['$expiresAt', forgetAt] }
          }
        },
        {
          $set: {
            until: { $cond: [isFree, '$$REMOVE', heldUntil] },
            heldBy: { $cond: [isFree, '$$REMOVE', id] }
          }
        }
      ],
      { upsert: true, returnDocument: 'after', ...timeLimit }
    )
    return counted?.failures
  } catch (error) {
    // The document exists but does not match, so the key is blocked.
    if (isDuplicateKeyError(error)) return undefined
    throw error
  }
}
