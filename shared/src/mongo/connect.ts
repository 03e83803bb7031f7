import { MongoClient, type Db, type MongoClientOptions } from 'mongodb'
import { StartupError } from '../errors.ts'
import { prepareCollections, type CollectionSpec } from './prepare.ts'

/** The option of every operation on a request's path: milliseconds that the server may work on it. */
export const bounded = { maxTimeMS: 4000 } as const

/** Milliseconds. The driver repeats an operation once, so a caller waits for at most two of these; then it is told 503. */
const selectionTime = 3000
const socketTime = 6000

export interface Mongo {
  readonly db: Db
  ping: () => Promise<void>
  close: () => Promise<void>
}

const common: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  ignoreUndefined: true,
  serverSelectionTimeoutMS: selectionTime,
  connectTimeoutMS: selectionTime
}

// A URI may name its database, between the hosts and the options.
const databaseInUri = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/

/**
 * Connects to a replica set and makes its collections and indexes. Every write is acknowledged by the majority with its
 * journal, every read sees only such writes, and the driver repeats both once over a step-down.
 * @param defaultDatabase used where the URI names none.
 * @throws {StartupError} where the set cannot be reached or is none; the URI, which may hold a password, is not repeated.
 */
export async function connectMongo (uri: string, defaultDatabase: string, appName: string, specs: readonly CollectionSpec[]): Promise<Mongo> {
  const database = databaseInUri.exec(uri)?.[1] ?? defaultDatabase
  // Building an index on a full collection takes longer than a request may, so it has a connection of its own.
  const setup = openDatabase(uri, database, { ...common, appName: `${appName} setup`, maxPoolSize: 1 })
  try {
    await checkReplicaSet(setup.db)
    await prepareCollections(setup.db, specs)
  } finally {
    await setup.client.close()
  }
  const { client, db } = openDatabase(uri, database, { ...common, appName, maxPoolSize: 50, socketTimeoutMS: socketTime, waitQueueTimeoutMS: selectionTime })
  const ping = async (): Promise<void> => { await db.command({ ping: 1, ...bounded }) }
  await ping()
  return { db, ping, close: async () => { await client.close() } }
}

function openDatabase (uri: string, database: string, options: MongoClientOptions): { client: MongoClient, db: Db } {
  try {
    const client = new MongoClient(uri, options)
    return { client, db: client.db(database) }
  } catch (error) {
    throw new StartupError(`MONGODB_URI is not valid: ${(error as Error).message}`)
  }
}

async function checkReplicaSet (db: Db): Promise<void> {
  let hello
  try {
    hello = await db.command({ hello: 1 })
  } catch (error) {
    throw new StartupError(`MONGODB_URI: MongoDB cannot be reached (${(error as Error).message})`)
  }
  if (hello['setName'] === undefined && hello['msg'] !== 'isdbgrid') {
    throw new StartupError('MONGODB_URI: this mongod is no replica set; start it with --replSet')
  }
}
