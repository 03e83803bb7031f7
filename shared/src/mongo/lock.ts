import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { isDuplicateKeyError } from './errors.ts'

/** Times in milliseconds. */
export interface LockTimes {
  /** How long a process keeps the lock if it no longer renews it. */
  readonly lease?: number
  /** How often a waiting process tries again. */
  readonly retryInterval?: number
}

/** Contains one document per lock, and marks that are not data. The collection is not part of a backup. */
export const locksCollection = 'locks'

interface LockDocument {
  _id: string
  owner: string
  /** According to MongoDB's clock, so that the clocks of the processes do not matter. */
  until: Date
}

/** Throws if the lock was lost because this process was suspended for longer than the lease. */
export type CheckLock = () => void

/**
 * Runs `work` while this process holds a lock. The lock is a lease that is renewed while `work` runs, so it expires if
 * the process dies. A process that hangs can lose the lock. Therefore, `work` must call its argument before each step,
 * and a step must be safe even if two processes run it concurrently. If another process holds the lock, waits for as
 * long as that process renews it.
 * @param onWait is called once if this process has to wait.
 */
export async function withLock<T> (
  db: Db, name: string, work: (check: CheckLock) => Promise<T>, onWait: () => void = () => undefined,
  { lease = 10_000, retryInterval = 200 }: LockTimes = {}
): Promise<T> {
  const locks = db.collection<LockDocument>(locksCollection)
  const owner = randomUUID()
  const leaseFromNow = { $add: ['$$NOW', lease] }

  async function tryAcquire (): Promise<boolean> {
    const isFree = { _id: name, $expr: { $lte: ['$until', '$$NOW'] } }
    const { matchedCount } = await locks.updateOne(isFree, [{ $set: { owner, until: leaseFromNow } }])
    return matchedCount === 1
  }

  await locks.insertOne({ _id: name, owner: '', until: new Date(0) }).catch((error: unknown) => {
    if (!isDuplicateKeyError(error)) throw error
  })
  for (let attempt = 1; !await tryAcquire(); attempt += 1) {
    if (attempt === 1) onWait()
    await sleep(retryInterval)
  }

  let isLost = false
  const renew = async (): Promise<void> => {
    const { matchedCount } = await locks.updateOne({ _id: name, owner }, [{ $set: { until: leaseFromNow } }])
    if (matchedCount === 0) isLost = true
  }
  // While MongoDB is unavailable, a renewal fails. The next one tries again.
  const timer = setInterval(() => { renew().catch(() => undefined) }, lease / 5)
  try {
    return await work(() => {
      if (isLost) throw new Error(`The lock '${name}' was lost because this process was suspended for too long.`)
    })
  } finally {
    clearInterval(timer)
    // If MongoDB is unavailable, the lease expires.
    await locks.updateOne({ _id: name, owner }, { $set: { until: new Date(0) } }).catch(() => undefined)
  }
}
