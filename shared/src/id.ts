import { randomBytes } from 'node:crypto'

/** Returns 96 random bits in hexadecimal. */
export function newId (): string {
  return randomBytes(12).toString('hex')
}
