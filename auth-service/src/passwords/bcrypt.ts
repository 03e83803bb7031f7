import { createHmac } from 'node:crypto'
import bcrypt from 'bcryptjs'

/**
 * Returns what bcrypt hashes: the HMAC-SHA-256 of the password in base64, 44 characters that depend on every byte.
 * bcrypt itself reads only 72 bytes and stops at a NUL. The key is not secret; it makes these digests differ from
 * plain SHA-256 digests that leaked elsewhere.
 */
export function preHash (password: string): string {
  return createHmac('sha256', 'laurel.password.v1').update(password.normalize('NFC')).digest('base64')
}

/** Hashes a password. The cost is the base-2 logarithm of the number of rounds. */
export function hashPassword (password: string, cost: number): string {
  return bcrypt.hashSync(preHash(password), cost)
}

export function verifyPassword (password: string, hash: string): boolean {
  return bcrypt.compareSync(preHash(password), hash)
}

/**
 * Compares a password with a hash. For a cheaper hash, it does additional work, so every comparison takes as long as
 * one at `cost`: 2^c + 2^c + 2^(c+1) + … + 2^(cost-1) = 2^cost.
 */
export function verifyPasswordAtCost (password: string, hash: string, cost: number): boolean {
  const matches = verifyPassword(password, hash)
  for (let missing = costOf(hash); missing < cost; missing++) verifyPassword(password, unmatchableHash(missing))
  return matches
}

/** Returns the cost of a stored hash, which is part of it: `$2b$12$…`. */
export function costOf (hash: string): number {
  return Number(hash.slice(4, 6))
}

/** Returns a hash that no password matches. A comparison with it takes as long as with a real hash of this cost. */
export function unmatchableHash (cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
}
