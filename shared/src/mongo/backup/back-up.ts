import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { MongoServerError, type MongoClient, type Timestamp } from 'mongodb'
import { StartupError } from '../../errors.ts'
import { laurelVersion } from '../../version.ts'
import { locksCollection } from '../lock.ts'
import { withDatabases, type DatabaseAddress, type OpenDatabase } from './databases.ts'
import { writeManifest, type CollectionFile, type DatabaseBackup, type Manifest } from './manifest.ts'

/** Documents are written in chunks of about this size, in bytes. */
const pieceSize = 65_536

/** The error codes of MongoDB if the state of a collection at a point in time is not available anymore, or not yet. */
const snapshotErrors: Readonly<Record<number, string>> = {
  239: 'The backup took longer than MongoDB keeps old states (minSnapshotHistoryWindowInSeconds, 300 by default).',
  246: 'A collection or an index was created during the backup. Try again.'
}

/**
 * Writes a backup of databases into a new folder. All collections of a replica set are read as of one point in time,
 * which is not before the call. So the backup contains every write that MongoDB acknowledged before the call. The
 * servers can keep running. A backup needs memory for one batch of documents, regardless of the size of the databases.
 * Throws `StartupError` if the folder is not empty, or if the snapshot history of MongoDB is too short.
 * @param print is called with a line for each collection.
 */
export async function backUp (
  addresses: readonly DatabaseAddress[], dir: string, print: (line: string) => void = () => undefined
): Promise<Manifest> {
  const startedAt = new Date().toISOString()
  await makeEmptyFolder(dir)
  return await withDatabases(addresses, async databases => {
    const instants = new Map<string, Timestamp>()
    const saved: DatabaseBackup[] = []
    for (const database of databases) {
      // auth-service sends the activities in its outbox until event-service has stored them. If the databases are on
      // two replica sets, laurel_auth is read first. Then an activity is in at least one of the two databases, and
      // possibly in both.
      const cluster = await clusterOf(database.client)
      const instant = instants.get(cluster) ?? await currentInstant(database.client)
      instants.set(cluster, instant)
      saved.push(await saveDatabase(database, instant, dir, print))
    }
    const finishedAt = new Date().toISOString()
    const manifest: Manifest = { format: 1, laurel: laurelVersion, startedAt, finishedAt, databases: saved }
    await writeManifest(dir, manifest)
    return manifest
  })
}

async function makeEmptyFolder (dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  if ((await readdir(dir)).length > 0) throw new StartupError(`${dir} is not empty; choose a new folder.`)
}

/** Returns a string that identifies the replica set or sharded cluster of a client. */
export async function clusterOf (client: MongoClient): Promise<string> {
  const { setName, primary } = await client.db('admin').command({ hello: 1 })
  const hosts = client.options.hosts.map(String).sort().join()
  return setName === undefined ? hosts : `${String(setName)} ${String(primary)}`
}

/** Returns the time of the last operation on the primary. Every write that a majority has acknowledged is before it. */
async function currentInstant (client: MongoClient): Promise<Timestamp> {
  const { operationTime } = await client.db('admin').command({ ping: 1 }, { readPreference: 'primary' })
  return operationTime
}

async function saveDatabase (
  { name, client, db }: OpenDatabase, instant: Timestamp, dir: string, print: (line: string) => void
): Promise<DatabaseBackup> {
  await mkdir(join(dir, name), { mode: 0o700 })
  const all = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
  const names = all.map(({ name }) => name).filter(name => name !== locksCollection && !name.startsWith('system.'))
  const collections: CollectionFile[] = []
  for (const collection of names.sort()) {
    const saved = await client.withSession({ causalConsistency: false }, async session => {
      const readConcern = { level: 'snapshot', atClusterTime: instant }
      // A secondary waits until it has replicated this point in time.
      const options = { session, raw: true, readPreference: 'secondaryPreferred' } as const
      const documents = db.runCursorCommand({ find: collection, readConcern }, options)
      return await saveCollection(collection, documents as unknown as AsyncIterable<Uint8Array>, dir, name)
    }).catch((error: unknown) => { throw explainSnapshotError(error) })
    print(`${name}.${collection}: ${saved.documents} documents`)
    collections.push(saved)
  }
  const clusterTime = { seconds: instant.getHighBits(), counter: instant.getLowBits() }
  return { name, clusterTime, collections }
}

/** Returns a `StartupError` that explains what to do, or any other error unchanged. */
export function explainSnapshotError (error: unknown): unknown {
  const sentence = error instanceof MongoServerError ? snapshotErrors[Number(error.code)] : undefined
  return sentence === undefined ? error : new StartupError(sentence)
}

async function saveCollection (
  collection: string, source: AsyncIterable<Uint8Array>, dir: string, database: string
): Promise<CollectionFile> {
  const file = `${database}/${collection}.bson.gz`
  const hash = createHash('sha256')
  let [documents, bytes] = [0, 0]

  async function * inPieces (): AsyncGenerator<Buffer> {
    let [piece, size]: [Uint8Array[], number] = [[], 0]
    for await (const document of source) {
      documents += 1
      piece.push(document)
      size += document.byteLength
      if (size < pieceSize) continue
      yield Buffer.concat(piece)
      ;[piece, size] = [[], 0]
    }
    yield Buffer.concat(piece)
  }

  const meter = new Transform({
    transform (chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    }
  })
  const target = createWriteStream(join(dir, file), { flags: 'wx', mode: 0o600, flush: true })
  await pipeline(Readable.from(inPieces()), createGzip({ level: 3 }), meter, target)
  return { collection, file, documents, bytes, sha256: hash.digest('hex') }
}
