import { randomInt } from 'node:crypto'
import { newId } from '@laurel/shared/id'
import type { User } from './user.ts'

// Without 0, O, 1 and I, because people read these codes to each other.
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Returns 10 characters (50 bits), too many to guess and enough for millions of users. */
function newReferralCode (): string {
  return Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('')
}

export interface NewUser extends Pick<User, 'email' | 'name' | 'role' | 'invitedBy' | 'passwordHash'> {
  readonly at: Date
}

/** Returns an active user with a new id and a new referral code. */
export function createUser ({ at, ...given }: NewUser): User {
  return { id: newId(), ...given, status: 'ACTIVE', referralCode: newReferralCode(), createdAt: at, version: 1 }
}
