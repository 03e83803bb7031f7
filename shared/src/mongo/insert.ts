import {
  MongoBulkWriteError, MongoServerError, type Collection, type Document, type OptionalUnlessRequiredId
} from 'mongodb'
import { DomainError } from '../errors.ts'
import { timeLimit } from './connect.ts'
import { duplicateKeyCode, translateMongoError } from './errors.ts'

/** A document that was not inserted because a unique index already contains its value. */
export interface Collision {
  /** The index of the document in the batch. */
  readonly index: number
  readonly indexName: string
}

/** A document that MongoDB or its driver rejected for another reason. */
export interface InsertionFailure {
  /** The index of the document in the batch. */
  readonly index: number
  readonly error: unknown
}

export interface Insertion {
  readonly collisions: Collision[]
  readonly failures: InsertionFailure[]
}

/**
 * Inserts many documents with one command. A document that is rejected does not affect the others.
 * Throws 503 if it is not known which documents were written.
 */
export async function insertIsolated<D extends Document> (
  collection: Collection<D>, documents: readonly D[]
): Promise<Insertion> {
  if (documents.length === 0) return { collisions: [], failures: [] }
  try {
    await collection.insertMany(documents as Array<OptionalUnlessRequiredId<D>>, { ordered: false, ...timeLimit })
    return { collisions: [], failures: [] }
  } catch (error) {
    if (error instanceof MongoBulkWriteError) return readWriteErrors(error)
    if (translateMongoError(error) !== undefined) throw error
    // If the driver cannot serialize one of the documents, it sends none of them.
    if (documents.length === 1) return { collisions: [], failures: [{ index: 0, error }] }
    return await insertHalves(collection, documents)
  }
}

/**
 * Inserts many documents with one command. A document that collides does not affect the others.
 * Returns the documents that collided.
 * Throws 503 if it is not known which documents were written, or the error of a document that was rejected.
 */
export async function insertUnordered<D extends Document> (
  collection: Collection<D>, documents: readonly D[]
): Promise<Collision[]> {
  const { collisions, failures: [failure] } = await insertIsolated(collection, documents)
  if (failure !== undefined) throw failure.error
  return collisions
}

function readWriteErrors (error: MongoBulkWriteError): Insertion {
  const writeErrors = [error.writeErrors].flat()
  // A lost connection, a timeout or a missing majority is wrapped. In these cases, it is unknown which documents were
  // written.
  if (writeErrors.length === 0 || error.result.getWriteConcernError() !== undefined) throw unknownOutcome(error)
  const isCollision = ({ code }: { code: number }): boolean => code === duplicateKeyCode
  return {
    collisions: writeErrors.filter(isCollision).map(({ index, errmsg }) => ({
      index, indexName: readIndexName(String(errmsg))
    })),
    failures: writeErrors.filter(writeError => !isCollision(writeError)).map(({ index, code, errmsg }) => ({
      index, error: new MongoServerError({ message: String(errmsg), code })
    }))
  }
}

async function insertHalves<D extends Document> (
  collection: Collection<D>, documents: readonly D[]
): Promise<Insertion> {
  const half = Math.ceil(documents.length / 2)
  const first = await insertIsolated(collection, documents.slice(0, half))
  const second = await insertIsolated(collection, documents.slice(half))
  const shift = <T extends { readonly index: number }>(item: T): T => ({ ...item, index: item.index + half })
  return {
    collisions: [...first.collisions, ...second.collisions.map(shift)],
    failures: [...first.failures, ...second.failures.map(shift)]
  }
}

// MongoDB reports the name of the index only in its error message.
function readIndexName (message: string): string {
  return message.replace(/^.* index: (\S+).*$/, '$1')
}

function unknownOutcome (cause: MongoBulkWriteError): DomainError {
  const sentence = 'Some entries may not have been written; send the request again.'
  return Object.assign(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 1 }), { cause })
}
