import type { ClientSession, Db } from 'mongodb'
import { DomainError } from '../errors.ts'

/** Milliseconds. By itself the driver tries for two minutes, e.g. while the transaction of a process that died holds a document. */
const patience = 4000

/**
 * Runs `work` in one transaction: all of its writes or none. It is run again where another transaction came between, so it
 * must do nothing that it may not do twice, and must let the driver's errors through as they are.
 * @throws {DomainError} 503 where somebody else holds what it wants to change for too long.
 */
export async function inTransaction<T> (db: Db, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const givesUpAt = performance.now() + patience
  return await db.client.withSession(async session =>
    await session.withTransaction(async () => {
      if (performance.now() > givesUpAt) throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The same is being changed at the moment', { retryAfter: 2 })
      return await work(session)
    }, { readConcern: { level: 'snapshot' }, maxCommitTimeMS: 4000 }))
}
