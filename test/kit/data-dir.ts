import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makePrivateKey } from './issuer.ts'
import { scratch } from './scratch.ts'

let key: string | undefined

/** Returns a DATA_DIR of this test alone. It has a signing key, because making one takes up to a second. */
export function dataDirOf (t: Test): string {
  const dir = scratch(t)
  key ??= makePrivateKey().export({ type: 'pkcs8', format: 'pem' }) as string
  writeFileSync(join(dir, 'jwt-private-key.pem'), key, { mode: 0o600 })
  return dir
}
