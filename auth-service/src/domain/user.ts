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

/** Whether this change takes an ADMIN away, so that another one has to be left. */
export function givesUpAdmin (user: User, role: Role): boolean {
  return user.role === 'ADMIN' && role !== 'ADMIN'
}
