import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'

/** A machine client: the game or the shop that reports activities. */
export interface Client {
  readonly id: string
  readonly name: string
  /** SHA-256 in hexadecimal. A secret of 256 random bits cannot be guessed, so it needs no slow hash. */
  readonly secretHash: string
  /** The secret before the last rotation, while it is still valid. */
  readonly oldSecret?: { readonly hash: string, readonly validUntil: Date }
  readonly createdBy: string
  readonly createdAt: Date
}

export interface ClientWithSecret {
  readonly client: Client
  /** The secret, of which only the hash is stored. */
  readonly secret: string
}

interface ClientInput {
  readonly name: string
  readonly createdBy: string
  readonly at: Date
}

/** Returns a new client and its secret. */
export function createClient ({ name, createdBy, at }: ClientInput): ClientWithSecret {
  const secret = createSecret()
  return { client: { id: newId(), name, secretHash: hashSecret(secret), createdBy, createdAt: at }, secret }
}

/**
 * Returns the client with a new secret.
 * @param keepOldFor how long the current secret stays valid, in seconds. An older one is no longer valid.
 */
export function rotateSecret (client: Client, keepOldFor: number, at: Date): ClientWithSecret {
  const secret = createSecret()
  const oldSecret = { hash: client.secretHash, validUntil: new Date(at.getTime() + keepOldFor * 1000) }
  return { client: { ...client, secretHash: hashSecret(secret), oldSecret }, secret }
}

/** Returns whether the secret is valid for the client. Takes the same time if there is no client. */
export function verifySecret (client: Client | null, secret: string, at: Date): client is Client {
  const given = hashSecret(secret)
  const isCurrent = isEqualHash(client?.secretHash ?? noHash, given)
  const isOld = isEqualHash(client?.oldSecret?.hash ?? noHash, given)
  const isOldValid = client?.oldSecret !== undefined && client.oldSecret.validUntil > at
  return client !== null && (isCurrent || (isOld && isOldValid))
}

const noHash = '0'.repeat(64)

function isEqualHash (one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one, 'hex'), Buffer.from(other, 'hex'))
}

function createSecret (): string {
  return randomBytes(32).toString('base64url')
}

function hashSecret (secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

export function clientNotFound (): DomainError {
  return new DomainError('not-found', 'CLIENT_NOT_FOUND', 'There is no client with this id.')
}

export function invalidClientCredentials (): DomainError {
  return new DomainError('unauthenticated', 'INVALID_CREDENTIALS', 'The client id or the client secret is wrong.')
}
