import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { firstAdminPasswordFile } from '@laurel/shared/config'
import { DomainError, StartupError } from '@laurel/shared/errors'
import { createUser } from '../domain/new-user.ts'
import { findWeakness } from '../domain/password-rules.ts'
import { normalizeEmail } from '../domain/user.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import { deleteSecretFile, readOrCreateSecretFile } from '../secret-file.ts'
import type { NewUserStore } from '../stores/new-users.ts'
import type { UserStore } from '../stores/users.ts'

export interface FirstAdminDependencies {
  readonly users: UserStore
  readonly newUsers: NewUserStore
  readonly passwords: PasswordHasher
}

export interface FirstAdminOptions {
  readonly email: string
  /** If it is undefined, a password is generated once and kept in `dataDir`. */
  readonly password: string | undefined
  readonly dataDir: string
  /** Prints one line for the operator. */
  readonly print: (line: string) => void
}

/**
 * Creates the first ADMIN of a platform that has none who can log in. A generated password is written to a file before
 * the account is created, so that a kill between the two steps does not lose it. Only the process that creates the
 * account prints the password.
 * Throws `StartupError` if `ADMIN_PASSWORD` is weak or the email address belongs to another user.
 */
export async function createFirstAdmin (
  { users, newUsers, passwords }: FirstAdminDependencies, { email, password, dataDir, print }: FirstAdminOptions
): Promise<void> {
  if (await users.hasAdmin()) return
  const normalized = normalizeEmail(email)
  const chosen = password ?? readOrCreateSecretFile(dataDir, firstAdminPasswordFile, generatePassword).trim()
  const weakness = findWeakness(chosen, normalized)
  if (weakness !== undefined) {
    const source = password === undefined ? join(dataDir, firstAdminPasswordFile) : 'ADMIN_PASSWORD'
    throw new StartupError(`${source}: the password ${weakness}`)
  }
  const passwordHash = await passwords.hash(chosen)
  const admin = createUser({
    email: normalized, name: null, role: 'ADMIN', invitedBy: null, passwordHash, at: new Date()
  })
  const isFirst = await newUsers.insertFirstAdmin(admin).catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error
    throw new StartupError(`ADMIN_EMAIL: ${normalized} cannot become the first ADMIN: ${error.message}`)
  })
  if (!isFirst) {
    // Another auth-service that started at the same time has created the account. If it has its own DATA_DIR, the
    // password that was generated here belongs to no account.
    const { passwordHash } = await users.findByEmail(normalized) ?? {}
    const isValid = await passwords.verify(chosen, passwordHash)
    if (password === undefined && !isValid) deleteSecretFile(dataDir, firstAdminPasswordFile)
    return
  }
  print(`First ADMIN: ${normalized}${password === undefined ? `  password: ${chosen}` : '  with ADMIN_PASSWORD'}`)
}

/** The password ends with a newline, so that `cat` prints it on its own line. */
function generatePassword (): string {
  return `${randomBytes(15).toString('base64url')}\n`
}
