import type { ClientSession, Db } from 'mongodb'
import { DomainError } from '../errors.ts'

/**
 * How long a transaction is retried, in milliseconds. By default, the driver retries for two minutes, for example while
 * a dead process holds a lock.
 */
const retryTimeout = 4000

/**
 * Runs `work` in one transaction: either all of its writes are applied, or none. After a write conflict, `work` runs
 * again, so it must have no other side effects, and it must not catch errors of the driver. Throws a 503 if another
 * transaction holds the same documents for too long.
 */
export async function inTransaction<T> (db: Db, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const deadline = performance.now() + retryTimeout
  return await db.client.withSession(async session =>
    await session.withTransaction(async () => {
      if (performance.now() > deadline) throw conflictTimeout()
      return await work(session)
    }, { readConcern: { level: 'snapshot' }, maxCommitTimeMS: 4000 }))
}

function conflictTimeout (): DomainError {
  const sentence = 'Conflicting change in progress; retry after 2 seconds.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 2 })
}
