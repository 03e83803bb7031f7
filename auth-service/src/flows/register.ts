import { invalidField } from '@laurel/shared/errors'
import type { Registration } from '@laurel/shared/contracts'
import { createUser } from '../domain/new-user.ts'
import { checkNewPassword } from '../domain/password-rules.ts'
import { normalizeEmail, type User } from '../domain/user.ts'
import type { PasswordHasher } from '../passwords/password-hasher.ts'
import type { NewUserStore } from '../stores/new-users.ts'
import type { UserStore } from '../stores/users.ts'

export interface RegisterDependencies {
  readonly users: UserStore
  readonly newUsers: NewUserStore
  readonly passwords: PasswordHasher
}

/** Throws 400 for a weak password or an unknown referral code, 409 `EMAIL_TAKEN`, or 503 `TOO_BUSY`. */
export type Register = (registration: Registration) => Promise<User>

/** Creates an account. Its role is always USER. */
export function createRegister ({ users, newUsers, passwords }: RegisterDependencies): Register {
  async function findInviter (referralCode: string | undefined): Promise<string | null> {
    if (referralCode === undefined) return null
    const inviter = await users.findByReferralCode(referralCode.toUpperCase())
    if (inviter === null) throw invalidField('/referralCode', 'is not the code of a user')
    return inviter.id
  }

  return async ({ email, password, name = null, referralCode }) => {
    const normalized = normalizeEmail(email)
    checkNewPassword(password, normalized)
    const invitedBy = await findInviter(referralCode)
    const passwordHash = await passwords.hash(password)
    const user = createUser({ email: normalized, name, role: 'USER', invitedBy, passwordHash, at: new Date() })
    await newUsers.insert(user)
    return user
  }
}
