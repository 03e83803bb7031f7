import type { FastifyBaseLogger } from 'fastify'
import { MongoClient, type Db, type MongoClientOptions } from 'mongodb'
import { StartupError } from '../errors.ts'
import { defaultStartupTimeout, waitUntilAvailable } from '../startup.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { migrate, type MigrateOptions } from './migrate.ts'
import { failWritesOfClosedConnections } from './closed-connections.ts'
import { readOwnWrites } from './own-writes.ts'
import type { CollectionSpec } from './prepare.ts'

/** An option of every operation that serves a request: how long MongoDB may work on it, in milliseconds. */
export const timeLimit = { maxTimeMS: 4000 } as const

/** The default of `selectionTimeout`, in milliseconds. */
const defaultSelectionTimeout = 3000

/** How long MongoDB may take to respond to a command, in milliseconds. */
const socketTimeout = 6000

export interface ConnectOptions extends MigrateOptions {
  /** Logs that the server waits for MongoDB, and the migrations that run. */
  readonly log?: Pick<FastifyBaseLogger, 'info' | 'warn'>
  /** How long to wait for MongoDB, in milliseconds. */
  readonly startupTimeout?: number
  /**
   * How long an operation waits for an available server, in milliseconds. Default: 3000. The driver retries an
   * operation once, so a caller waits for at most twice this time for a 503.
   */
  readonly selectionTimeout?: number | undefined
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
  serverSelectionTimeoutMS: defaultSelectionTimeout,
  connectTimeoutMS: defaultSelectionTimeout
}

failWritesOfClosedConnections()

// A URI can contain the name of the database, between the hosts and the options.
const databaseInUri = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/

/**
 * Connects to a replica set and migrates its database: collections, indexes, documents. A write is acknowledged by a
 * majority and journaled, and every read returns only such writes. The driver retries both once during an election.
 * Waits if the replica set cannot be reached. Throws `StartupError` if it stays unreachable for too long or is not a
 * replica set. The error never contains the URI, which may contain a password.
 * @param defaultDatabase The name of the database if the URI does not contain one.
 */
export async function connectMongo (
  uri: string, defaultDatabase: string, appName: string, specs: readonly CollectionSpec[],
  { tracing, selectionTimeout = defaultSelectionTimeout, ...options }: ConnectOptions = {}
): Promise<Mongo> {
  await migrateDatabase(uri, defaultDatabase, `${appName} setup`, specs, options)
  const { client, db } = openDatabase(uri, defaultDatabase, {
    appName,
    maxPoolSize: 50,
    socketTimeoutMS: socketTimeout,
    serverSelectionTimeoutMS: selectionTimeout,
    connectTimeoutMS: selectionTimeout,
    waitQueueTimeoutMS: selectionTimeout,
    monitorCommands: tracing !== undefined
  })
  tracing?.traceCommands(client)
  readOwnWrites(db)
  return {
    db,
    ping: async () => { await db.command({ ping: 1, ...timeLimit }) },
    close: async () => { await client.close() }
  }
}

/**
 * Migrates a database and closes the connection. Waits if the replica set cannot be reached. Throws `StartupError` as
 * `connectMongo` does.
 */
export async function migrateDatabase (
  uri: string, defaultDatabase: string, appName: string, specs: readonly CollectionSpec[],
  { startupTimeout = defaultStartupTimeout, ...options }: ConnectOptions = {}
): Promise<void> {
  await waitUntilAvailable(async () => { await setUp(uri, defaultDatabase, appName, specs, options) }, {
    name: 'MongoDB',
    log: options.log,
    startupTimeout,
    giveUp: ({ message }) => new StartupError(`MONGODB_URI: cannot reach MongoDB (${message})`)
  })
}

/**
 * Building an index can take longer than a request is allowed to take, so the setup uses its own client without a
 * socket timeout. Each attempt needs a new client, because a client whose first connection failed stays closed.
 */
async function setUp (
  uri: string, defaultDatabase: string, appName: string, specs: readonly CollectionSpec[], options: MigrateOptions
): Promise<void> {
  // One connection renews the lease of the lock while the other one works.
  const { client, db } = openDatabase(uri, defaultDatabase, { appName, maxPoolSize: 2 })
  try {
    await checkReplicaSet(db)
    await migrate(db, specs, options)
  } finally {
    await client.close()
  }
}

/**
 * Opens the database in a URI, or the default one. Every write is acknowledged by a majority and journaled. Throws
 * `StartupError` if the URI is not valid.
 */
export function openDatabase (
  uri: string, defaultDatabase: string, options: MongoClientOptions
): { client: MongoClient, db: Db } {
  try {
    const client = new MongoClient(uri, { ...commonOptions, ...options })
    return { client, db: client.db(databaseInUri.exec(uri)?.[1] ?? defaultDatabase) }
  } catch (error) {
    throw new StartupError(`MONGODB_URI is not valid: ${(error as Error).message}`)
  }
}

async function checkReplicaSet (db: Db): Promise<void> {
  const hello = await db.command({ hello: 1 })
  if (hello['setName'] !== undefined || hello['msg'] === 'isdbgrid') return
  throw new StartupError('MONGODB_URI: this mongod is not a replica set; start it with --replSet')
}
