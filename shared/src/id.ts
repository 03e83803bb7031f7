import { randomBytes } from 'node:crypto'

/** 96 random bits in hexadecimal. */
export function newId (): string {
  return randomBytes(12).toString('hex')
}
