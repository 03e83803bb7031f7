import { MongoBulkWriteError, type Collection, type Document, type OptionalUnlessRequiredId } from 'mongodb'
import { DomainError } from '../errors.ts'
import { timeLimit } from './connect.ts'
import { duplicateKeyCode } from './errors.ts'

/** A row that was not inserted because a unique index already contains its value. */
export interface Collision {
  /** The index of the row in the batch. */
  readonly index: number
  readonly indexName: string
}

/**
 * Inserts many rows in one command, each independently of the others. Returns the rows that collided.
 * Throws a 503 if it is unknown which rows were inserted.
 */
export async function insertUnordered<D extends Document> (
  collection: Collection<D>, rows: readonly D[]
): Promise<Collision[]> {
  try {
    await collection.insertMany(rows as Array<OptionalUnlessRequiredId<D>>, { ordered: false, ...timeLimit })
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const failures = [error.writeErrors].flat()
    if (failures.some(({ code }) => code !== duplicateKeyCode)) throw error
    // The driver wraps a network error, a time limit or a missing majority: it is unknown what was inserted.
    if (failures.length === 0 || error.result.getWriteConcernError() !== undefined) throw unknownOutcome(error)
    return failures.map(({ index, errmsg }) => ({ index, indexName: readIndexName(String(errmsg)) }))
  }
}

// MongoDB names the index in its message only.
function readIndexName (message: string): string {
  return message.replace(/^.* index: (\S+).*$/, '$1')
}

function unknownOutcome (cause: MongoBulkWriteError): DomainError {
  const sentence = 'Some entries may not have been written; send the request again.'
  return Object.assign(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 1 }), { cause })
}
