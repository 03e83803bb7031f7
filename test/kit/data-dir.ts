import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { scratch } from './scratch.ts'

let key: string | undefined

/** A DATA_DIR of this test alone, where a signing key lies already: making one takes up to a second, and one a process is enough. */
export function dataDirOf (t: Test): string {
  const dir = scratch(t)
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  writeFileSync(join(dir, 'jwt-private-key.pem'), key, { mode: 0o600 })
  return dir
}
