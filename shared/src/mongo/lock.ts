import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { isDuplicateKeyError } from './errors.ts'

/** Times in milliseconds. */
export interface LockTimes {
  /** How long the lock stays with a process that no longer renews it. */
  readonly lease?: number
  /** How often a process that waits tries again. */
  readonly retryInterval?: number
}

/** One document for each lock. It is not part of a backup. */
export const locksCollection = 'locks'

interface LockDocument {
  _id: string
  owner: string
  /** By MongoDB's clock, so that no clock of a process matters. */
  until: Date
}

/** Throws if the lock was lost: this process was stopped for longer than the lease, and another one may have it. */
export type CheckLock = () => void

/**
 * Runs `work` while this process holds a lock. The lock dies with its process: it is a lease that is renewed while the
 * work runs. A process that hangs may lose it, so the work calls its argument before each step, and two processes that
 * run one step at once must do no harm.
 * Waits for the process that holds the lock, for as long as that one renews it.
 * @param onWait is called once if it has to wait.
 */
export async function withLock<T> (
  db: Db, name: string, work: (check: CheckLock) => Promise<T>, onWait: () => void = () => undefined,
  { lease = 10_000, retryInterval = 200 }: LockTimes = {}
): Promise<T> {
  const locks = db.collection<LockDocument>(locksCollection)
  const owner = randomUUID()
  const leaseFromNow = { $add: ['$$NOW', lease] }

  async function tryToTake (): Promise<boolean> {
    const isFree = { _id: name, $expr: { $lte: ['$until', '$$NOW'] } }
    const { matchedCount } = await locks.updateOne(isFree, [{ $set: { owner, until: leaseFromNow } }])
    return matchedCount === 1
  }

  await locks.insertOne({ _id: name, owner: '', until: new Date(0) }).catch((error: unknown) => {
    if (!isDuplicateKeyError(error)) throw error
  })
  for (let attempt = 1; !await tryToTake(); attempt += 1) {
    if (attempt === 1) onWait()
    await sleep(retryInterval)
  }

  let isLost = false
  const renew = async (): Promise<void> => {
    const { matchedCount } = await locks.updateOne({ _id: name, owner }, [{ $set: { until: leaseFromNow } }])
    if (matchedCount === 0) isLost = true
  }
  // While MongoDB is away, a renewal fails; the next one tries again.
  const timer = setInterval(() => { renew().catch(() => undefined) }, lease / 5)
  try {
    return await work(() => {
      if (isLost) throw new Error(`The lock '${name}' was lost because this process was suspended for too long.`)
    })
  } finally {
    clearInterval(timer)
    // If MongoDB is away, the lease ends by itself.
    await locks.updateOne({ _id: name, owner }, { $set: { until: new Date(0) } }).catch(() => undefined)
  }
}
