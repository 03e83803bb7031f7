import { MongoBulkWriteError, type Collection, type Document, type OptionalUnlessRequiredId } from 'mongodb'
import { DomainError } from '../errors.ts'
import { bounded } from './connect.ts'

const duplicateKey = 11000

/** A row that was not written, because a unique index has its value already. */
export interface Collision {
  /** Its place among the rows. */
  readonly index: number
  readonly indexName: string
}

/**
 * Inserts many rows in one command, each of them whatever becomes of the others.
 * @returns the ones that collided.
 * @throws {DomainError} 503 where nobody knows what was written.
 */
export async function insertUnordered<D extends Document> (collection: Collection<D>, rows: readonly D[]): Promise<Collision[]> {
  try {
    await collection.insertMany(rows as Array<OptionalUnlessRequiredId<D>>, { ordered: false, ...bounded })
    return []
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const failures = [error.writeErrors].flat()
    if (failures.some(({ code }) => code !== duplicateKey)) throw error
    // A broken line, a time limit or a missing majority comes wrapped: nobody knows then what was written.
    if (failures.length === 0 || error.result.getWriteConcernError() !== undefined) throw notWritten(error)
    // Which index it was stands only in the message.
    return failures.map(({ index, errmsg }) => ({ index, indexName: String(errmsg).replace(/^.* index: (\S+).*$/, '$1') }))
  }
}

function notWritten (cause: MongoBulkWriteError): DomainError {
  const refusal = new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Not everything could be written: send it again', { retryAfter: 1 })
  return Object.assign(refusal, { cause })
}
