import { createHash, randomBytes } from 'node:crypto'

/** 96 random bits in hexadecimal. */
export function newId (): string {
  return randomBytes(12).toString('hex')
}

/** The same for the same JSON value, in whatever order its properties came. */
export function fingerprint (value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sorted)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
