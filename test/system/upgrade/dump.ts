import { readFileSync } from 'node:fs'
import { BSON, type Document, type IndexDescription, type MongoClient } from 'mongodb'

interface Collections {
  readonly [name: string]: { readonly indexes: IndexDescription[], readonly documents: Document[] }
}

/** The databases after the README story of version 0.1.0 (commit 7bd8466), as MongoDB Extended JSON 2.0. */
export const dump: { readonly auth: Collections, readonly event: Collections } = BSON.EJSON.parse(
  readFileSync(new URL('laurel-0.1.0.json', import.meta.url), 'utf8'), { relaxed: false })

/** Writes collections with their indexes into a database. */
export async function restore (client: MongoClient, name: string, collections: Collections): Promise<void> {
  for (const [collection, { indexes, documents }] of Object.entries(collections)) {
    await client.db(name).createCollection(collection)
    if (indexes.length > 0) await client.db(name).collection(collection).createIndexes(indexes)
    if (documents.length > 0) await client.db(name).collection(collection).insertMany(documents)
  }
}
