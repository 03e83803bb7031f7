import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './owner.ts'

/** Returns a new temporary folder, removed when the test ends. */
export function scratch (t: Owner): string {
  const dir = mkdtempSync(join(tmpdir(), 'laurel-test-'))
  t.teardown(() => { rmSync(dir, { recursive: true, force: true, maxRetries: 3 }) })
  return dir
}
