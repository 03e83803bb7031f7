import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Creates a directory that only its owner can use, and its missing parents. The parents are created one at a time,
 * because the recursive `mkdir` of Node.js never returns for `/proc/x`.
 */
export function makeDirectory (dir: string): void {
  if (existsSync(dir)) return
  makeDirectory(dirname(resolve(dir)))
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (error) {
    // Another process may have created it in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
