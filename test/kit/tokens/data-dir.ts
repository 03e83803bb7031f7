import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Owner } from '../run/owner.ts'
import { scratch } from '../run/scratch.ts'
import { testKey } from './keys.ts'

/** Returns a DATA_DIR for this test only, with test key 0 as the signing key. */
export function dataDirOf (t: Owner): string {
  const dir = scratch(t)
  writeFileSync(join(dir, 'jwt-private-key.pem'), testKey(), { mode: 0o600 })
  return dir
}
