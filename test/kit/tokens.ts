import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallerRole } from '@laurel/shared/contracts'
import { createSigner } from 'fast-jwt'
import { loadSigningKey } from '../../auth-service/src/keys/signing-key.ts'

/** Signs tokens with the platform's own key, for callers that no account stands behind. */
export function signAs (dataDir: string, role: CallerRole, sub = 'someone'): string {
  const key = readFileSync(join(dataDir, 'jwt-private-key.pem'), 'utf8')
  const sign = createSigner({ key, algorithm: 'RS256', kid: loadSigningKey(undefined, dataDir).jwk.kid, header: { alg: 'RS256', typ: 'at+jwt' }, expiresIn: 60_000 })
  return sign({ iss: 'laurel', aud: 'laurel-api', sub, sid: randomUUID(), jti: randomUUID(), role })
}
