import { Type, type Static } from 'typebox'
import { Strict } from './common.ts'

/** A new password. The domain has further rules, such as a list of common passwords. */
export const NewPassword = Type.String({
  minLength: 8,
  maxLength: 256,
  description: '8 to 256 characters of any kind. Common passwords and the email address are not allowed.'
})

/** A password to verify. It has no minimum length: a string that is too short is simply a wrong password. */
const CurrentPassword = Type.String({ minLength: 1, maxLength: 256, description: 'The current password.' })

export const PasswordChange = Strict({ currentPassword: CurrentPassword, newPassword: NewPassword }, {
  title: 'PasswordChange',
  description: 'The current and the new password.',
  examples: [{ currentPassword: 'a long walk by the sea', newPassword: 'a longer walk by the sea' }]
})
export type PasswordChange = Static<typeof PasswordChange>

export const PasswordConfirmation = Strict({ password: CurrentPassword }, {
  title: 'PasswordConfirmation',
  description: 'The password, as a confirmation.',
  examples: [{ password: 'a long walk by the sea' }]
})
export type PasswordConfirmation = Static<typeof PasswordConfirmation>
