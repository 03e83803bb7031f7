import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'

/** A machine client: the game or the shop that reports activities. */
export interface Client {
  readonly id: string
  readonly name: string
  /** SHA-256 in hexadecimal. A secret of 256 random bits cannot be guessed, so it needs no slow hash. */
  readonly secretHash: string
  readonly createdBy: string
  readonly createdAt: Date
}

interface ClientInput {
  readonly name: string
  readonly createdBy: string
  readonly at: Date
}

/** Returns a new client and its secret, of which only the hash is stored. */
export function createClient ({ name, createdBy, at }: ClientInput): { client: Client, secret: string } {
  const secret = randomBytes(32).toString('base64url')
  return { client: { id: newId(), name, secretHash: hashSecret(secret), createdBy, createdAt: at }, secret }
}

/** Returns whether the secret is the client's. Takes the same time if there is no client. */
export function verifySecret (client: Client | null, secret: string): client is Client {
  const expected = Buffer.from(client?.secretHash ?? hashSecret(''), 'hex')
  return timingSafeEqual(Buffer.from(hashSecret(secret), 'hex'), expected) && client !== null
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
