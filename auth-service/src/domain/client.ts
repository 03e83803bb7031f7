import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'

/** A machine: the game or the shop that sends activities. */
export interface Client {
  readonly id: string
  readonly name: string
  /** SHA-256, hexadecimal. A secret of 256 random bits needs no slow hash: there is nothing to guess. */
  readonly secretHash: string
  readonly createdBy: string
  readonly createdAt: Date
}

function hashOf (secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** @returns the client and its secret, which is kept nowhere. */
export function newClient ({ name, createdBy, at }: { readonly name: string, readonly createdBy: string, readonly at: Date }): { client: Client, secret: string } {
  const secret = randomBytes(32).toString('base64url')
  return { client: { id: newId(), name, secretHash: hashOf(secret), createdBy, createdAt: at }, secret }
}

/** Takes equally long for a client that does not exist. */
export function secretMatches (client: Client | null, secret: string): boolean {
  const expected = Buffer.from(client?.secretHash ?? hashOf(''), 'hex')
  return timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), expected) && client !== null
}

export function clientNotFound (): DomainError {
  return new DomainError('not-found', 'CLIENT_NOT_FOUND', 'There is no such client')
}
