import type { ClientSession, Db } from 'mongodb'

/**
 * Runs `work` in one transaction: all of its writes or none. It is run again where another transaction came between, so it
 * must do nothing that it may not do twice, and must let the driver's errors through as they are.
 */
export async function inTransaction<T> (db: Db, work: (session: ClientSession) => Promise<T>): Promise<T> {
  return await db.client.withSession(async session =>
    await session.withTransaction(async () => await work(session), { readConcern: { level: 'snapshot' }, maxCommitTimeMS: 4000 }))
}
