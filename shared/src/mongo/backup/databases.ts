import type { Db, MongoClient } from 'mongodb'
import { openDatabase } from '../connect.ts'
import type { DatabaseName } from './manifest.ts'

export interface DatabaseAddress {
  readonly name: DatabaseName
  /** The database in the URI may differ from `name`. */
  readonly uri: string
}

export interface OpenDatabase {
  readonly name: DatabaseName
  readonly client: MongoClient
  readonly db: Db
}

/** Opens databases, and closes them when the work is done. */
export async function withDatabases<T> (
  addresses: readonly DatabaseAddress[], work: (databases: readonly OpenDatabase[]) => Promise<T>
): Promise<T> {
  const databases = addresses.map(({ name, uri }) => ({ name, ...openDatabase(uri, name, { appName: 'backup' }) }))
  try {
    return await work(databases)
  } finally {
    await Promise.all(databases.map(async ({ client }) => { await client.close() }))
  }
}
