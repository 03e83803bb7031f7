import { bounded } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import { tooManyAttempts, waitAfter, type Guessed } from '../domain/guessing.ts'

interface AttemptDocument {
  _id: string
  failures: number
  /** No try is looked at before. */
  until?: Date
  expiresAt: Date
}

/** Wrong passwords, counted in the database: over all auth-services and their restarts. */
export interface AttemptStore {
  /** @throws {DomainError} 429 `TOO_MANY_ATTEMPTS` while one of them has to wait. A try that is refused here is not counted. */
  check: (guessed: readonly Guessed[], at: Date) => Promise<void>
  /** Counts a wrong try, and lets the next one wait. */
  fail: (guessed: readonly Guessed[], at: Date) => Promise<void>
  forget: (guessed: Guessed) => Promise<void>
}

export function createAttemptStore (db: Db): AttemptStore {
  const attempts = db.collection<AttemptDocument>('attempts')

  async function count ({ key, slowing }: Guessed, at: Date): Promise<void> {
    const expiresAt = new Date(at.getTime() + slowing.memory * 1000)
    const counted = await attempts.findOneAndUpdate(
      { _id: key },
      { $inc: { failures: 1 }, [slowing.slides ? '$set' : '$setOnInsert']: { expiresAt } },
      { upsert: true, returnDocument: 'after', ...bounded }
    )
    const wait = waitAfter(Number(counted?.failures), slowing)
    if (wait > 0) await attempts.updateOne({ _id: key }, { $max: { until: new Date(at.getTime() + wait) } }, bounded)
  }

  return {
    async check (guessed, at) {
      const waiting = await attempts
        .find({ _id: { $in: guessed.map(({ key }) => key) }, until: { $gt: at } }, bounded)
        .toArray()
      const until = Math.max(0, ...waiting.map(({ until }) => Number(until)))
      if (until > 0) throw tooManyAttempts(until - at.getTime())
    },
    async fail (guessed, at) {
      await Promise.all(guessed.map(async one => { await count(one, at) }))
    },
    async forget ({ key }) {
      await attempts.deleteOne({ _id: key }, bounded)
    }
  }
}
