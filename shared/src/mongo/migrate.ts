import type { FastifyBaseLogger } from 'fastify'
import type { Db } from 'mongodb'
import { withLock, type CheckLock } from './lock.ts'
import { prepareCollections, type CollectionSpec } from './prepare.ts'
import { rejectIncompleteRestore } from './restore-mark.ts'

/**
 * A change of stored documents. There are no down migrations. Servers of the previous version run at the same time, so
 * a migration must not change anything that they read or write. A migration can be killed at any point, and two
 * processes can run it concurrently, so it must be idempotent.
 */
export interface Migration {
  /** The name must never change, because it is recorded in the database. Migrations run in the order of their list. */
  readonly id: string
  /** One sentence about what it does, and one about why it is safe while the previous version is running. */
  readonly what: string
  readonly whySafe: string
  /** @param check is called before each batch. It throws if another process may have started the migration. */
  readonly run: (db: Db, check: CheckLock) => Promise<void>
}

export interface MigrateOptions {
  readonly migrations?: readonly Migration[]
  /** Also runs recorded migrations, for documents that servers of the previous version have written in the meantime. */
  readonly again?: boolean
  readonly log?: Pick<FastifyBaseLogger, 'info' | 'warn'>
}

/** The record of a finished migration in the database. */
interface MigrationRecord {
  _id: string
  what: string
  finishedAt: Date
  /** How many times it has been finished. */
  runs: number
}

/** The name of the lock that migrations and restores of a database acquire. */
export const migrationLock = 'migrations'

/**
 * Prepares a database for this version: creates collections and indexes, and runs the migrations that are not recorded
 * yet. Any number of processes can call this function concurrently, and it can be called again after a process was
 * killed. Throws `StartupError` if an index cannot be created, or if a restore of the database is incomplete.
 */
export async function migrate (
  db: Db, specs: readonly CollectionSpec[], { migrations = [], again = false, log }: MigrateOptions = {}
): Promise<void> {
  await rejectIncompleteRestore(db)
  const isNew = await prepareCollections(db, specs)
  const records = db.collection<MigrationRecord>('migrations')

  async function findPending (): Promise<Migration[]> {
    if (again || migrations.length === 0) return [...migrations]
    const done = new Set((await records.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id))
    return migrations.filter(({ id }) => !done.has(id))
  }

  if ((await findPending()).length === 0) return
  await withLock(db, migrationLock, async check => {
    // The process that held the lock before may have finished some migrations.
    for (const { id, what, run } of await findPending()) {
      check()
      // A new database has no documents that a migration would change.
      if (!isNew) log?.info({ migration: id }, what)
      await run(db, check)
      const record = { $set: { what, finishedAt: new Date() }, $inc: { runs: 1 } }
      await records.updateOne({ _id: id }, record, { upsert: true })
    }
  }, () => { log?.warn(`waiting for another process to migrate ${db.databaseName}`) })
}
