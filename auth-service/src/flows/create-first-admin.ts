import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { createUser } from '../domain/new-user.ts'
import { findWeakness } from '../domain/password-rules.ts'
import { normalizeEmail } from '../domain/user.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import { readOrCreateSecretFile } from '../secret-file.ts'
import type { UserStore } from '../stores/users.ts'

const passwordFile = 'first-admin-password'

export interface FirstAdminOptions {
  readonly email: string
  /** If it is undefined, a password is generated once and kept in `dataDir`. */
  readonly password: string | undefined
  readonly dataDir: string
  /** Prints one line for the operator. */
  readonly print: (line: string) => void
}

/**
 * Creates the first ADMIN of a platform that has none. A generated password is written to a file before the account
 * is created, so a kill between the two loses nothing. Only the start that creates the account prints the password.
 * @throws {StartupError} if `ADMIN_PASSWORD` is weak or the e-mail address belongs to another user.
 */
export async function createFirstAdmin (
  users: UserStore, passwords: PasswordHasher, { email, password, dataDir, print }: FirstAdminOptions
): Promise<void> {
  if (await users.hasAdmin()) return
  const normalized = normalizeEmail(email)
  const chosen = password ?? readOrCreateSecretFile(dataDir, passwordFile, generatePassword).trim()
  const weakness = findWeakness(chosen, normalized)
  if (weakness !== undefined) {
    const source = password === undefined ? join(dataDir, passwordFile) : 'ADMIN_PASSWORD'
    throw new StartupError(`${source}: the password ${weakness}`)
  }
  const passwordHash = await passwords.hash(chosen)
  const admin = createUser({
    email: normalized, name: null, role: 'ADMIN', invitedBy: null, passwordHash, at: new Date()
  })
  try {
    await users.insert(admin)
  } catch (error) {
    // Another auth-service that started at the same time may have been faster.
    if (await users.hasAdmin()) return
    throw new StartupError(`ADMIN_EMAIL: ${normalized} cannot become the first ADMIN: ${(error as Error).message}`)
  }
  print(`First ADMIN: ${normalized}${password === undefined ? `  password: ${chosen}` : '  with ADMIN_PASSWORD'}`)
}

/** Ends with a newline, so that `cat` shows it on its own line. */
function generatePassword (): string {
  return `${randomBytes(15).toString('base64url')}\n`
}
