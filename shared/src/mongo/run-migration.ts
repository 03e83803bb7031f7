import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { loggerOptions } from '../http/observability/logger-options.ts'
import { describeStartupError } from '../http/server/run-server.ts'
import { migrateDatabase } from './connect.ts'
import type { Migration } from './migrate.ts'
import type { CollectionSpec } from './prepare.ts'

export interface MigrationTarget {
  readonly uri: string
  /** The name of the database if the URI does not contain one. */
  readonly defaultDatabase: string
  readonly logLevel: string
  readonly collections: readonly CollectionSpec[]
  readonly migrations: readonly Migration[]
  /** How long to wait for MongoDB, in milliseconds. */
  readonly startupTimeout?: number
}

/**
 * Migrates the database of a service in a separate process, before new servers start. With `--again`, also runs
 * migrations that are recorded as finished. Returns the exit code: if a migration fails, 1 after a call of `printError`
 * with one line.
 */
export async function runMigration (
  name: string, args: readonly string[], configure: () => MigrationTarget, printError: (line: string) => void
): Promise<number> {
  try {
    const { values: { again = false } } = parseArgs({ args: [...args], options: { again: { type: 'boolean' } } })
    const { uri, defaultDatabase, logLevel, collections, ...options } = configure()
    const log = pino(loggerOptions(`${name} migration`, logLevel))
    await migrateDatabase(uri, defaultDatabase, `${name} migration`, collections, { ...options, again, log })
    log.info('the database is up to date')
    return 0
  } catch (error) {
    printError(`laurel ${name} migration: ${describeStartupError(error)}`)
    return 1
  }
}
