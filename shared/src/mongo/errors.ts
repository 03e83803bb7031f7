import {
  MongoBulkWriteError, MongoError, MongoErrorLabel, MongoNetworkError, MongoNotConnectedError, MongoServerError, MongoSystemError, MongoTopologyClosedError
} from 'mongodb'
import { DomainError } from '../errors.ts'

const duplicateKey = 11000
const maxTimeExpired = 50

/** Whether a write met a value that a unique index already has. */
export function isDuplicateKey (error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === duplicateKey
}

/** A connection that broke, a set without a primary, a pool that is emptied or exhausted: what passes by itself. */
const passing = [MongoNetworkError, MongoSystemError, MongoNotConnectedError, MongoTopologyClosedError]
const passingNames = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])

// A server that steps down or shuts down, or does not know yet what the majority has, or hosts that it cannot reach, by their codes:
// on a read they come without a label. The driver tries those again, too, once.
const stateChanges = new Set<unknown>([maxTimeExpired, 6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436])

// A write on a dying connection comes as the socket's own error; MongoDB is all that a handler speaks to.
const brokenLine = new Set<unknown>(['EPIPE', 'ECONNRESET'])

const passingLabels = [MongoErrorLabel.RetryableWriteError, MongoErrorLabel.TransientTransactionError, 'RetryableError']

/** 503 for a database that is away, stepping down or too slow; undefined for what is our own mistake. */
export function translateMongoError (error: unknown): DomainError | undefined {
  const passes = error instanceof MongoError ? isPassing(error) : error instanceof Error && brokenLine.has((error as NodeJS.ErrnoException).code)
  return passes
    ? new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The database does not answer at the moment', { retryAfter: 1 })
    : undefined
}

function isPassing (error: MongoError): boolean {
  return isBrokenBulk(error) || passing.some(type => error instanceof type) || passingNames.has(error.name) || stateChanges.has(error.code) ||
    passingLabels.some(label => error.hasErrorLabel(label))
}

/** `bulkWrite` wraps what its command died of and loses its kind and labels. What the server itself refuses has a code. */
function isBrokenBulk (error: MongoError): boolean {
  return error instanceof MongoBulkWriteError && error.code === undefined && [error.writeErrors].flat().length === 0
}
