import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { readOrMake } from './data-dir.ts'
import { newUser } from './domain/new-user.ts'
import { normaliseEmail, weaknessOf } from './domain/user.ts'
import type { Passwords } from './passwords.ts'
import type { UserStore } from './stores/users.ts'

const ownFile = 'first-admin-password'

export interface FirstAdminOptions {
  readonly email: string
  /** Unset: made once and kept in `dataDir`. */
  readonly password: string | undefined
  readonly dataDir: string
  /** Where the one line with a made password goes. */
  readonly print: (line: string) => void
}

/**
 * A platform without an ADMIN gets its first one. A made password is in a file before the account exists, so a kill
 * between the two loses nothing; it is printed by the start that made the account and by no other.
 * @throws {StartupError} where `ADMIN_PASSWORD` is too easy or the address belongs to somebody else.
 */
export async function ensureFirstAdmin (users: UserStore, passwords: Passwords, options: FirstAdminOptions): Promise<void> {
  if (await users.hasAdmin()) return
  const { password, dataDir, print } = options
  const email = normaliseEmail(options.email)
  const chosen = password ?? readOrMake(dataDir, ownFile, () => randomBytes(15).toString('base64url')).trim()
  const weakness = weaknessOf(chosen, email)
  if (weakness !== undefined) {
    throw new StartupError(`${password === undefined ? join(dataDir, ownFile) : 'ADMIN_PASSWORD'}: the password ${weakness}`)
  }
  const admin = newUser({ email, name: null, role: 'ADMIN', invitedBy: null, passwordHash: await passwords.hash(chosen), at: new Date() })
  try {
    await users.insert(admin)
  } catch (error) {
    // Another auth-service that started at the same time was first.
    if (await users.hasAdmin()) return
    throw new StartupError(`ADMIN_EMAIL: ${email} cannot become the first ADMIN: ${(error as Error).message}`)
  }
  print(`First ADMIN: ${email}${password === undefined ? `  password: ${chosen}` : '  with ADMIN_PASSWORD'}`)
}
