import type { FastifyBaseLogger } from 'fastify'
import type { Db } from 'mongodb'
import { withLock, type CheckLock } from './lock.ts'
import { prepareCollections, type CollectionSpec } from './prepare.ts'
import { refuseHalfRestored } from './restore-mark.ts'

/**
 * A change of rows that are stored already. It only goes forward. Servers of the version before run beside it, so it
 * must leave what they read and write as it is. It may be killed, and two processes may run it at once, so it must do
 * no harm when it runs again.
 */
export interface Migration {
  /** Never changes: it is recorded in the database. Migrations run in the order of their list. */
  readonly id: string
  /** What it does and why it is safe beside the version before, in a sentence each. */
  readonly what: string
  readonly whySafe: string
  /** @param check is called before each batch. It throws if another process may run the migration by now. */
  readonly run: (db: Db, check: CheckLock) => Promise<void>
}

export interface MigrateOptions {
  readonly migrations?: readonly Migration[]
  /** Runs migrations again that are recorded, for rows that servers of the version before wrote meanwhile. */
  readonly again?: boolean
  readonly log?: Pick<FastifyBaseLogger, 'info' | 'warn'>
}

/** A migration that was finished, as the database records it. */
interface MigrationRecord {
  _id: string
  what: string
  finishedAt: Date
  /** How often it was finished. */
  runs: number
}

/** The name of the lock that a migration or a restore of a database holds. */
export const migrationLock = 'migrations'

/**
 * Brings a database to what this version needs: collections, indexes, and the migrations that are not recorded yet.
 * Any number of processes may call it at once, and after one was killed.
 * Throws `StartupError` if an index cannot be created, or if the database is only half restored.
 */
export async function migrate (
  db: Db, specs: readonly CollectionSpec[], { migrations = [], again = false, log }: MigrateOptions = {}
): Promise<void> {
  await refuseHalfRestored(db)
  await prepareCollections(db, specs)
  const records = db.collection<MigrationRecord>('migrations')

  async function findPending (): Promise<Migration[]> {
    if (again || migrations.length === 0) return [...migrations]
    const done = new Set((await records.find({}, { projection: { _id: 1 } }).toArray()).map(({ _id }) => _id))
    return migrations.filter(({ id }) => !done.has(id))
  }

  if ((await findPending()).length === 0) return
  await withLock(db, migrationLock, async check => {
    // The process that had the lock may have finished some.
    for (const { id, what, run } of await findPending()) {
      check()
      log?.info({ migration: id }, what)
      await run(db, check)
      const record = { $set: { what, finishedAt: new Date() }, $inc: { runs: 1 } }
      await records.updateOne({ _id: id }, record, { upsert: true })
    }
  }, () => { log?.warn(`waiting for another process to migrate ${db.databaseName}`) })
}
