import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

let names: ReadonlySet<string> | undefined

/** Returns the names of all zones and links of the tz database, in their canonical spelling. */
function timeZoneNames (): ReadonlySet<string> {
  if (names === undefined) {
    // The file is read and not imported, so that only the names stay in memory.
    const file = createRequire(import.meta.url).resolve('tzdata')
    const { zones } = JSON.parse(readFileSync(file, 'utf8')) as { readonly zones: Readonly<Record<string, unknown>> }
    names = new Set(Object.keys(zones))
  }
  return names
}

/**
 * Returns `true` if a name is a zone or a link of the tz database, in its canonical spelling, and `Intl` supports it.
 * Returns `false` for offsets, other spellings and abbreviations that only ICU knows (in ICU, `BST` means Dhaka).
 */
export function isTimeZone (name: string): boolean {
  if (!timeZoneNames().has(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
