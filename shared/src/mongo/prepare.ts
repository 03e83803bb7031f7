import { MongoServerError, type Db, type IndexDescription } from 'mongodb'
import { StartupError } from '../errors.ts'

export interface CollectionSpec {
  readonly name: string
  readonly indexes: readonly IndexDescription[]
}

const namespaceExists = 48

/**
 * Creates every collection and index that is not there yet, before the first request: concurrent first writers of a
 * missing collection would collide. Then looks whether the unique indexes are really there, for exactly-once rests on them.
 * @throws {StartupError} where an index cannot be made or a unique one is missing.
 */
export async function prepareCollections (db: Db, specs: readonly CollectionSpec[]): Promise<void> {
  for (const { name, indexes } of specs) {
    await db.createCollection(name).catch((error: unknown) => {
      if (!(error instanceof MongoServerError && error.code === namespaceExists)) throw error
    })
    if (indexes.length === 0) continue
    try {
      await db.collection(name).createIndexes([...indexes])
    } catch (error) {
      throw new StartupError(`MongoDB: the indexes of ${name} cannot be made: ${(error as Error).message}`)
    }
    const present = await db.collection(name).indexes()
    for (const index of indexes.filter(({ unique }) => unique === true)) {
      const found = present.some(({ key, unique }) => unique === true && JSON.stringify(key) === JSON.stringify(index.key))
      if (!found) throw new StartupError(`MongoDB: the unique index ${JSON.stringify(index.key)} of ${name} is missing`)
    }
  }
}
