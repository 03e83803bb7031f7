import type { Actor } from '@laurel/shared/audit'
import { changePassword, deleteAccount } from '../domain/account-change.ts'
import { checkNewPassword } from '../domain/password-rules.ts'
import { noPassword, requireUser, type User } from '../domain/user.ts'
import type { LoginThrottle } from '../login-throttle/login-throttle.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { UserStore } from '../stores/users.ts'

export interface OwnAccountDependencies {
  readonly users: UserStore
  readonly accounts: AccountStore
  readonly passwords: PasswordHasher
  readonly throttle: LoginThrottle
}

/** A logged-in user who confirms an operation with their password. */
export interface Confirmation {
  readonly actor: Actor
  readonly sessionId: string
  readonly password: string
}

/** The changes that users make to their own account. Each of them needs the current password. */
export interface OwnAccount {
  /**
   * Changes the password and ends the other sessions.
   * Throws 400 for a weak password, 401, 404 `USER_NOT_FOUND`, 409 `NO_PASSWORD`, 429, or 503 `TOO_BUSY`.
   */
  changePassword: (confirmation: Confirmation, newPassword: string) => Promise<void>
  /** Throws 401, 404 `USER_NOT_FOUND`, 409 `LAST_ADMIN` or `NO_PASSWORD`, 429, or 503 `TOO_BUSY`. */
  delete: (confirmation: Confirmation) => Promise<void>
}

export function createOwnAccount ({ users, accounts, passwords, throttle }: OwnAccountDependencies): OwnAccount {
  async function confirm ({ actor, sessionId, password }: Confirmation): Promise<User> {
    const user = requireUser(await users.find(actor.id))
    const { passwordHash } = user
    if (passwordHash === null) throw noPassword()
    await throttle.session(sessionId, async () => await passwords.verify(password, passwordHash))
    return user
  }

  return {
    async changePassword (confirmation, newPassword) {
      const user = await confirm(confirmation)
      checkNewPassword(newPassword, user.email, '/newPassword')
      const passwordHash = await passwords.hash(newPassword)
      await accounts.change(user.id, {
        action: 'changePassword',
        by: confirmation.actor,
        decide: (current, at) => changePassword(current, user, passwordHash, at),
        keptSession: confirmation.sessionId
      })
    },
    async delete (confirmation) {
      const user = await confirm(confirmation)
      await accounts.change(user.id, { action: 'deleteMe', by: confirmation.actor, decide: deleteAccount })
    }
  }
}
