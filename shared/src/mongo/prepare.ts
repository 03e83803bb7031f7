import { MongoServerError, type Db, type IndexDescription } from 'mongodb'
import { StartupError } from '../errors.ts'
import { translateMongoError } from './errors.ts'

export interface CollectionSpec {
  readonly name: string
  readonly indexes: readonly IndexDescription[]
  /** The names of indexes of earlier versions to drop. */
  readonly obsoleteIndexes?: readonly string[]
}

const namespaceExistsCode = 48
const indexNotFoundCode = 27

/**
 * Creates the collections and indexes that do not exist yet, before the first request: concurrent first writes to a
 * missing collection would fail, and exactly-once writes depend on the unique indexes. Throws `StartupError` if an
 * index cannot be created, such as a unique index on duplicate values. Throws the error of the driver if MongoDB is not
 * available. Returns `true` if the database is new: none of the collections existed.
 */
export async function prepareCollections (db: Db, specs: readonly CollectionSpec[]): Promise<boolean> {
  let created = 0
  for (const { name, indexes, obsoleteIndexes = [] } of specs) {
    try {
      if (await createCollection(db, name)) created += 1
      if (indexes.length > 0) await db.collection(name).createIndexes([...indexes])
      for (const index of obsoleteIndexes) await dropIndex(db, name, index)
    } catch (error) {
      if (translateMongoError(error) !== undefined) throw error
      throw new StartupError(`MongoDB: cannot create ${name} or its indexes: ${(error as Error).message}`)
    }
  }
  return created > 0 && created === specs.length
}

async function dropIndex (db: Db, collection: string, index: string): Promise<void> {
  try {
    await db.collection(collection).dropIndex(index)
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === indexNotFoundCode)) throw error
  }
}

/** Returns `false` if the collection exists. */
async function createCollection (db: Db, name: string): Promise<boolean> {
  try {
    await db.createCollection(name)
    return true
  } catch (error) {
    if (error instanceof MongoServerError && error.code === namespaceExistsCode) return false
    throw error
  }
}
