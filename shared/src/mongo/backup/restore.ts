import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BSON, type Db, type Document } from 'mongodb'
import { StartupError } from '../../errors.ts'
import { locksCollection, withLock, type CheckLock } from '../lock.ts'
import { migrationLock } from '../migrate.ts'
import { beginRestore, endRestore } from '../restore-mark.ts'
import { withDatabases, type DatabaseAddress, type OpenDatabase } from './databases.ts'
import { readManifest, type CollectionFile, type DatabaseBackup } from './manifest.ts'

export interface RestoreOptions {
  /** Deletes the contents of the databases first. Without this option, a database that is not empty is rejected. */
  readonly replace?: boolean
  /** Called with a line for each collection. */
  readonly print?: (line: string) => void
}

/** The limits of one insert command: the number of documents and their size in bytes, which is approximate. */
const maxDocuments = 1000
const maxBytes = 4 * 1024 * 1024
/** The maximum size of a MongoDB document, in bytes. */
const longestDocument = 16 * 1024 * 1024 + 16_384

/** Every value keeps its BSON type: the integer 1 does not become the double 1. */
const exactly = { promoteValues: false, bsonRegExp: true } as const

/**
 * Writes a backup into databases. It does not create indexes: `npm run migrate` and the servers create them. A server
 * refuses to start on a database whose restore is running or was interrupted. Verifies the checksums of all files
 * before it changes anything. Throws `StartupError` if a file is damaged, if the backup does not contain a database, or
 * if a database is not empty.
 */
export async function restore (
  addresses: readonly DatabaseAddress[], dir: string, { replace = false, print = () => undefined }: RestoreOptions = {}
): Promise<void> {
  const { databases: saved } = await readManifest(dir)
  for (const { file, bytes, sha256 } of saved.flatMap(({ collections }) => collections)) {
    await checkFile(dir, file, bytes, sha256)
  }
  await withDatabases(addresses, async databases => {
    const pairs = databases.map(database => ({ database, backup: backupOf(database, saved, dir) }))
    if (!replace) await Promise.all(databases.map(refuseToOverwrite))
    for (const { database: { name, db }, backup } of pairs) {
      await withLock(db, migrationLock, async check => {
        await beginRestore(db)
        await empty(db)
        for (const file of backup.collections) {
          await restoreCollection(db, file, dir, check)
          print(`${name}.${file.collection}: ${file.documents} documents`)
        }
      })
    }
    // The marks are removed last, so that no server starts while only one of the databases is complete.
    for (const { db } of databases) await endRestore(db)
  })
}

function backupOf ({ name }: OpenDatabase, saved: readonly DatabaseBackup[], dir: string): DatabaseBackup {
  const found = saved.find(backup => backup.name === name)
  if (found === undefined) throw new StartupError(`The backup ${dir} does not contain ${name}.`)
  return found
}

async function checkFile (dir: string, file: string, bytes: number, sha256: string): Promise<void> {
  const hash = createHash('sha256')
  let size = 0
  try {
    for await (const chunk of createReadStream(join(dir, file))) {
      hash.update(chunk)
      size += chunk.length
    }
  } catch (error) {
    throw new StartupError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
  if (size !== bytes || hash.digest('hex') !== sha256) {
    throw new StartupError(`${file} is damaged: its checksum does not match the manifest.`)
  }
}

async function refuseToOverwrite ({ db }: OpenDatabase): Promise<void> {
  for (const name of await collectionsOf(db)) {
    if (await db.collection(name).findOne() === null) continue
    throw new StartupError(`${db.databaseName}.${name} is not empty; use --replace to delete its contents.`)
  }
}

async function empty (db: Db): Promise<void> {
  for (const name of await collectionsOf(db)) await db.dropCollection(name)
}

async function collectionsOf (db: Db): Promise<string[]> {
  const all = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray()
  return all.map(({ name }) => name).filter(name => name !== locksCollection && !name.startsWith('system.'))
}

async function restoreCollection (
  db: Db, { collection: name, file, documents }: CollectionFile, dir: string, check: CheckLock
): Promise<void> {
  await db.createCollection(name)
  const collection = db.collection(name)
  let inserted = 0
  // If reading the file fails, the loop below throws the error.
  const source = pipeline(createReadStream(join(dir, file)), createGunzip(), () => undefined)
  for await (const batch of batchesIn(source)) {
    check()
    inserted += (await collection.insertMany(batch)).insertedCount
  }
  if (inserted !== documents) {
    throw new StartupError(`${file} has ${inserted} documents, but the manifest says ${documents}.`)
  }
}

/** Splits concatenated BSON documents, and yields them in batches. */
async function * batchesIn (source: AsyncIterable<Buffer>): AsyncGenerator<Document[]> {
  let rest: Buffer = Buffer.alloc(0)
  let [batch, size]: [Document[], number] = [[], 0]
  for await (const chunk of source) {
    rest = Buffer.concat([rest, chunk])
    // A document begins with its length.
    for (let length = lengthOf(rest); rest.length >= length; length = lengthOf(rest)) {
      batch.push(BSON.deserialize(rest.subarray(0, length), exactly))
      rest = rest.subarray(length)
      size += length
      if (batch.length < maxDocuments && size < maxBytes) continue
      yield batch
      ;[batch, size] = [[], 0]
    }
  }
  if (rest.length > 0) throw new StartupError('A backup file ends in the middle of a document.')
  if (batch.length > 0) yield batch
}

function lengthOf (bytes: Buffer): number {
  if (bytes.length < 4) return Infinity
  const length = bytes.readInt32LE()
  if (length < 5 || length > longestDocument) throw new StartupError('A backup file is not valid BSON.')
  return length
}
