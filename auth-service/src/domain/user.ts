import { DomainError, invalidField } from '@laurel/shared/errors'
import type { Role } from '@laurel/shared/contracts'
import { isCommonPassword } from './common-passwords.ts'

export interface User {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly role: Role
  readonly status: 'ACTIVE' | 'DISABLED'
  /** Given to friends. */
  readonly referralCode: string
  /** Who invited this user; null where nobody did. */
  readonly invitedBy: string | null
  readonly passwordHash: string
  /** Absent until the first change. A new hash of the same password is none. */
  readonly passwordChangedAt?: Date
  readonly createdAt: Date
  /** Grows with every change; the ETag. */
  readonly version: number
}

/** One address has one spelling here: NFC, lower case, so that nobody owns the same address twice. */
export function normaliseEmail (email: string): string {
  return email.normalize('NFC').toLowerCase()
}

/**
 * The rules of NIST SP 800-63B, 5.1.1.2, for a chosen password: long enough, not a common one, not the address.
 * @returns what is wrong with it, without repeating it; undefined where nothing is.
 */
export function weaknessOf (password: string, email: string): string | undefined {
  const characters = [...password].length
  if (characters < 8 || characters > 256) return 'must have 8 to 256 characters'
  if (normaliseEmail(password) === normaliseEmail(email)) return 'must not be the e-mail address'
  if (isCommonPassword(password)) return 'is one of the most common passwords'
  return undefined
}

/** @throws {DomainError} 400 that names the field, for a password with a weakness. */
export function checkNewPassword (password: string, email: string, pointer = '/password'): void {
  const weakness = weaknessOf(password, email)
  if (weakness !== undefined) throw invalidField(pointer, weakness)
}

/** The same words for an unknown address, a wrong password and a disabled account: nothing to learn here. */
export function invalidCredentials (sentence = 'The e-mail address or the password is wrong'): DomainError {
  return new DomainError('unauthenticated', 'INVALID_CREDENTIALS', sentence)
}

export function userNotFound (): DomainError {
  return new DomainError('not-found', 'USER_NOT_FOUND', 'There is no such user')
}

/** What an ADMIN may change about somebody. */
export interface AccountPatch {
  readonly role?: Role
  readonly status?: User['status']
}

/** The user with this change; the very same one where nothing differs. */
export function changeAccount (user: User, { role = user.role, status = user.status }: AccountPatch): User {
  return role === user.role && status === user.status ? user : { ...user, role, status, version: user.version + 1 }
}

/** Whether a change takes an ADMIN away who can sign in, so that another one has to be left. */
export function givesUpAdmin (before: User, after: Pick<User, 'role' | 'status'>): boolean {
  return isActiveAdmin(before) && !isActiveAdmin(after)
}

function isActiveAdmin ({ role, status }: Pick<User, 'role' | 'status'>): boolean {
  return role === 'ADMIN' && status === 'ACTIVE'
}

/** Whether a sign-in with the password of `seen` still holds for the account as it is `now`. */
export function maySignIn (seen: User, now: User | null): now is User {
  return now !== null && now.status === 'ACTIVE' && now.passwordChangedAt?.getTime() === seen.passwordChangedAt?.getTime()
}
