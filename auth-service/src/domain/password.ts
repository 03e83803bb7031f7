import { createHmac } from 'node:crypto'
import bcrypt from 'bcryptjs'

/**
 * bcrypt reads 72 bytes and stops at a NUL. So it is given the HMAC-SHA-256 of the password in base64: 44 characters that
 * depend on every byte. The key is no secret; it keeps these digests from being those of a plain SHA-256 that leaked elsewhere.
 */
export function preHash (password: string): string {
  return createHmac('sha256', 'laurel.password.v1').update(password.normalize('NFC')).digest('base64')
}

/** @param cost base-2 logarithm of the rounds. */
export function hashPassword (password: string, cost: number): string {
  return bcrypt.hashSync(preHash(password), cost)
}

export function verifyPassword (password: string, hash: string): boolean {
  return bcrypt.compareSync(preHash(password), hash)
}

/** What a stored hash was made at: it says so itself, `$2b$12$…`. */
export function costOf (hash: string): number {
  return Number(hash.slice(4, 6))
}

/** A hash that nothing matches and that costs as much as a real one: an unknown address takes as long as a wrong password. */
export function unmatchableHash (cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`
}
