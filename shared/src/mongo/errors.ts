import { MongoError, MongoErrorLabel, MongoServerError } from 'mongodb'
import { DomainError } from '../errors.ts'

const duplicateKey = 11000
const maxTimeExpired = 50

/** Whether a write met a value that a unique index already has. */
export function isDuplicateKey (error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.code === duplicateKey
}

const transient = new Set([
  'MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoServerSelectionError', 'MongoOperationTimeoutError',
  'MongoPoolClearedError', 'MongoPrimarySteppedDownError', 'MongoWaitQueueTimeoutError', 'MongoNotConnectedError', 'MongoTopologyClosedError'
])

/** 503 for a database that is away, stepping down or too slow; undefined for what is our own mistake. */
export function translateMongoError (error: unknown): DomainError | undefined {
  if (!(error instanceof MongoError)) return undefined
  const passing = transient.has(error.name) ||
    error.hasErrorLabel(MongoErrorLabel.RetryableWriteError) ||
    error.hasErrorLabel('RetryableError') ||
    error.hasErrorLabel('TransientTransactionError') ||
    error.code === maxTimeExpired
  return passing
    ? new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'The database does not answer at the moment', { retryAfter: 1 })
    : undefined
}
