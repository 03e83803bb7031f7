import {
  MongoBulkWriteError, MongoError, MongoErrorLabel, MongoNetworkError, MongoNotConnectedError, MongoServerError,
  MongoSystemError, MongoTopologyClosedError
} from 'mongodb'
import { DomainError } from '../errors.ts'

export const duplicateKeyCode = 11000
const maxTimeExpiredCode = 50

/** Returns `true` if a write was rejected because a unique index already contains its value. */
export function isDuplicateKeyError (error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === duplicateKeyCode
}

/** Temporary errors: a broken connection, no primary, a connection pool that is cleared or exhausted. */
const temporaryTypes = [MongoNetworkError, MongoSystemError, MongoNotConnectedError, MongoTopologyClosedError]
const temporaryNames = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])

// Errors of a server that is stepping down, is shutting down, cannot reach other hosts, or does not know the majority
// commit point yet. For reads, these errors have no label. The driver retries these operations once.
const temporaryCodes = new Set<unknown>([
  maxTimeExpiredCode, 6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436
])

// A write on a closing connection fails with the error of the socket.
const socketErrorCodes = new Set<unknown>(['EPIPE', 'ECONNRESET'])

const temporaryLabels = [
  MongoErrorLabel.RetryableWriteError, MongoErrorLabel.TransientTransactionError, 'RetryableError'
]

/** Returns a 503 if the database is unavailable, stepping down or too slow. Returns `undefined` for our own bugs. */
export function translateMongoError (error: unknown): DomainError | undefined {
  if (!(error instanceof Error)) return undefined
  const temporary = error instanceof MongoError
    ? isTemporary(error)
    : socketErrorCodes.has((error as NodeJS.ErrnoException).code)
  if (!temporary) return undefined
  const sentence = 'The database is not available; retry after 1 second.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 1 })
}

function isTemporary (error: MongoError): boolean {
  return isFailedBulkWrite(error) ||
    temporaryTypes.some(type => error instanceof type) ||
    temporaryNames.has(error.name) ||
    temporaryCodes.has(error.code) ||
    temporaryLabels.some(label => error.hasErrorLabel(label))
}

/** `bulkWrite` wraps a network error and drops its type and labels. Only an error from the server has a code. */
function isFailedBulkWrite (error: MongoError): boolean {
  return error instanceof MongoBulkWriteError && error.code === undefined && [error.writeErrors].flat().length === 0
}
