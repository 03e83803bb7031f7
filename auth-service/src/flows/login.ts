import { invalidCredentials, maySignIn, normalizeEmail, type User } from '../domain/user.ts'
import type { LoginThrottle } from '../login-throttle/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { UserStore } from '../stores/users.ts'
import type { SignedIn } from './issue-tokens.ts'
import type { StartSession } from './start-session.ts'

export interface LoginDependencies {
  readonly users: UserStore
  readonly passwords: PasswordHasher
  readonly throttle: LoginThrottle
  readonly startSession: StartSession
}

export interface Credentials {
  readonly email: string
  readonly password: string
  /** The network address for which wrong passwords are counted. */
  readonly address: string
}

/** Throws 401 `INVALID_CREDENTIALS`, 429 `TOO_MANY_ATTEMPTS`, or 503 `TOO_BUSY`. */
export type Login = (credentials: Credentials) => Promise<SignedIn>

/** Logs a user in with email address and password. */
export function createLogin ({ users, passwords, throttle, startSession }: LoginDependencies): Login {
  async function verify (email: string, password: string): Promise<User | undefined> {
    const user = await users.findByEmail(email)
    const matches = await passwords.verify(password, user?.passwordHash)
    return user !== null && matches && user.status === 'ACTIVE' ? user : undefined
  }

  async function rehash ({ id, passwordHash }: User, password: string): Promise<void> {
    if (passwordHash === null || !passwords.needsRehash(passwordHash)) return
    // If the queue is full, the next login renews the hash.
    const renewed = await passwords.hash(password).catch(() => undefined)
    if (renewed !== undefined) await users.replacePasswordHash(id, passwordHash, renewed)
  }

  return async ({ email, password, address }) => {
    const normalized = normalizeEmail(email)
    const verified = await throttle.login(normalized, address, async () => await verify(normalized, password))
    await rehash(verified, password)
    const signedIn = await startSession(verified, current => maySignIn(verified, current))
    if (signedIn === null) throw invalidCredentials()
    return signedIn
  }
}
