import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CallerRole } from '@laurel/shared/contracts'
import { createIssuer } from './issuer.ts'

/** Returns a token that the platform with this DATA_DIR accepts. No account is needed. */
export function signAs (dataDir: string, role: CallerRole, sub = 'someone'): string {
  const { token } = createIssuer(readFileSync(join(dataDir, 'jwt-private-key.pem'), 'utf8'))
  return token({ sub, role, sid: randomUUID() })
}
