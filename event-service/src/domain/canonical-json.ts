import { createHash } from 'node:crypto'

/** Returns the same text for equal JSON values, regardless of the order of their properties. */
export function canonicalJson (value: unknown): string {
  return JSON.stringify(value, sortProperties)
}

/** Returns a short hash of the canonical JSON of a value. */
export function fingerprint (value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url')
}

function sortProperties (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
