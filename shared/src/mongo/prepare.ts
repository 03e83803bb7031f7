import { MongoServerError, type Db, type IndexDescription } from 'mongodb'
import { StartupError } from '../errors.ts'

export interface CollectionSpec {
  readonly name: string
  readonly indexes: readonly IndexDescription[]
}

const namespaceExists = 48

/**
 * Creates every collection and index that is not there yet, before the first request: concurrent first writers of a
 * missing collection would collide, and exactly-once rests on the unique indexes.
 * @throws {StartupError} where one cannot be made, e.g. a unique one over values that are there twice or in the place of another.
 */
export async function prepareCollections (db: Db, specs: readonly CollectionSpec[]): Promise<void> {
  for (const { name, indexes } of specs) {
    try {
      await createCollection(db, name)
      if (indexes.length > 0) await db.collection(name).createIndexes([...indexes])
    } catch (error) {
      throw new StartupError(`MongoDB: ${name} or its indexes cannot be made: ${(error as Error).message}`)
    }
  }
}

async function createCollection (db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name)
  } catch (error) {
    if (!(error instanceof MongoServerError && error.code === namespaceExists)) throw error
  }
}
