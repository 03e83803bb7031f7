import { createHash, randomBytes } from 'node:crypto'

/** 96 random bits in hexadecimal. */
export function newId (): string {
  return randomBytes(12).toString('hex')
}

/** The same text for the same JSON value, in whatever order its properties came. */
export function canonicalJson (value: unknown): string {
  return JSON.stringify(value, sorted)
}

/** The canonical JSON of a value, short. */
export function fingerprint (value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
