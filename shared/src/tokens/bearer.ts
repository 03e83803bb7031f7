import { DomainError } from '../errors.ts'

// RFC 6750, 2.1. The scheme is case-insensitive (RFC 9110, 11.1). The token is a compact JWS (RFC 7515, 7.1).
const bearerPattern = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i

/** Returns the token of an `Authorization` header. Throws `UNAUTHENTICATED` if there is none. */
export function readBearer (header: string | undefined): string {
  const token = bearerPattern.exec(header ?? '')?.[1]
  if (token === undefined) throw unauthenticated()
  return token
}

/** Returns the error for every request without a valid token. It does not reveal what is wrong with the token. */
export function unauthenticated (): DomainError {
  const sentence = 'A valid access token is required (Authorization: Bearer …).'
  return new DomainError('unauthenticated', 'UNAUTHENTICATED', sentence)
}
