import { createHash } from 'node:crypto'

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
