import type { FastifyBaseLogger } from 'fastify'
import { MongoClient, type Db, type MongoClientOptions } from 'mongodb'
import { StartupError } from '../errors.ts'
import { startupPatience, waitUntilAvailable } from '../startup.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { readOwnWrites } from './own-writes.ts'
import { prepareCollections, type CollectionSpec } from './prepare.ts'

/** An option of every operation that serves a request: how long MongoDB may work on it, in milliseconds. */
export const timeLimit = { maxTimeMS: 4000 } as const

/** In milliseconds. The driver retries an operation once, so a caller waits for at most two of these before a 503. */
const selectionTimeout = 3000
const socketTimeout = 6000

export interface ConnectOptions {
  /** Logs that the server waits for MongoDB. */
  readonly log?: Pick<FastifyBaseLogger, 'warn'>
  /** How long to wait for MongoDB, in milliseconds. */
  readonly patience?: number
  /** Absent: commands are not traced. */
  readonly tracing?: Pick<Tracing, 'traceCommands'> | undefined
}

export interface Mongo {
  readonly db: Db
  ping: () => Promise<void>
  close: () => Promise<void>
}

const commonOptions: MongoClientOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: { level: 'majority' },
  readPreference: 'primary',
  retryReads: true,
  retryWrites: true,
  ignoreUndefined: true,
  serverSelectionTimeoutMS: selectionTimeout,
  connectTimeoutMS: selectionTimeout
}

// A URI can name its database, between the hosts and the options.
const databaseInUri = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/

/**
 * Connects to a replica set and creates its collections and indexes. Every write is acknowledged by the majority and
 * journaled, every read sees only such writes, and the driver retries both once during an election.
 * Waits for a replica set that cannot be reached.
 * Throws `StartupError` if it stays unreachable for too long or is not a replica set. The error never contains the URI,
 * which may contain a password.
 * @param defaultDatabase The database if the URI names none.
 */
export async function connectMongo (
  uri: string, defaultDatabase: string, appName: string, specs: readonly CollectionSpec[],
  { log, patience = startupPatience, tracing }: ConnectOptions = {}
): Promise<Mongo> {
  const database = databaseInUri.exec(uri)?.[1] ?? defaultDatabase
  await waitUntilAvailable(async () => { await setUp(uri, database, appName, specs) }, {
    name: 'MongoDB',
    log,
    patience,
    giveUp: ({ message }) => new StartupError(`MONGODB_URI: cannot reach MongoDB (${message})`)
  })
  const { client, db } = openDatabase(uri, database, {
    ...commonOptions,
    appName,
    maxPoolSize: 50,
    socketTimeoutMS: socketTimeout,
    waitQueueTimeoutMS: selectionTimeout,
    monitorCommands: tracing !== undefined
  })
  tracing?.traceCommands(client)
  readOwnWrites(client)
  return {
    db,
    ping: async () => { await db.command({ ping: 1, ...timeLimit }) },
    close: async () => { await client.close() }
  }
}

/**
 * Building an index takes longer than a request may, so the setup has its own client without a socket timeout. Each
 * attempt needs a new one: a client whose first connection failed stays closed.
 */
async function setUp (uri: string, database: string, appName: string, specs: readonly CollectionSpec[]): Promise<void> {
  const { client, db } = openDatabase(uri, database, { ...commonOptions, appName: `${appName} setup`, maxPoolSize: 1 })
  try {
    await checkReplicaSet(db)
    await prepareCollections(db, specs)
  } finally {
    await client.close()
  }
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
  const hello = await db.command({ hello: 1 })
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return
  throw new StartupError('MONGODB_URI: this mongod is not a replica set; start it with --replSet')
}
