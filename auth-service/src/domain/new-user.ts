import { randomInt } from 'node:crypto'
import { newId } from '@laurel/shared/id'
import type { ClientUser, User } from './user.ts'

// Without 0, O, 1 and I, which are easy to confuse.
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** Returns 10 characters (50 bits). A code is hard to guess and unique among millions of users. */
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

export interface NewClientUser {
  readonly id: string
  readonly clientId: string
  readonly name: string | null
  readonly at: Date
}

/** Returns a user of a machine client, without an email address and a password. */
export function createClientUser ({ id, clientId, name, at }: NewClientUser): ClientUser {
  const user = createUser({ email: null, name, role: 'USER', invitedBy: null, passwordHash: null, at })
  return { ...user, id, clientId }
}

/** Returns `true` if a machine client can choose this id. `me` is reserved for the caller in paths. */
export function isClientUserId (id: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) && id !== 'me'
}
