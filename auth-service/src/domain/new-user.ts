import { randomInt } from 'node:crypto'
import type { Role } from '@laurel/shared/contracts'
import { newId } from '@laurel/shared/id'
import type { User } from './user.ts'

// No 0, O, 1, I: people read these codes to each other.
const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** 10 characters, 50 bits: nobody guesses one, and a million users do not collide. */
function newReferralCode (): string {
  return Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('')
}

export function newUser ({ at, ...given }: Pick<User, 'email' | 'name' | 'invitedBy' | 'passwordHash'> & { readonly role: Role, readonly at: Date }): User {
  return { id: newId(), ...given, status: 'ACTIVE', referralCode: newReferralCode(), createdAt: at, version: 1 }
}
