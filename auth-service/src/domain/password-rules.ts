import { invalidField } from '@laurel/shared/errors'
import { isCommonPassword } from './common-passwords.ts'
import { normalizeEmail } from './user.ts'

/**
 * Returns why a chosen password is weak according to NIST SP 800-63B, 5.1.1.2, without quoting it, or `undefined` if it
 * is not.
 */
export function findWeakness (password: string, email: string | null): string | undefined {
  const length = [...password].length
  if (length < 8 || length > 256) return 'must have 8 to 256 characters'
  if (email !== null && normalizeEmail(password) === normalizeEmail(email)) return 'must not be the email address'
  if (isCommonPassword(password)) return 'is one of the most common passwords'
  return undefined
}

/** Throws a 400 that names the field, if the password is weak. */
export function checkNewPassword (password: string, email: string | null, pointer = '/password'): void {
  const weakness = findWeakness(password, email)
  if (weakness !== undefined) throw invalidField(pointer, weakness)
}
