import { Type, type Static } from 'typebox'
import { Role } from '../roles.ts'
import { Answer, Id, Instant, Nullable, Strict, Text } from './common.ts'
import { example } from './examples.ts'

export const UserStatus = Type.Enum(['ACTIVE', 'DISABLED'], { description: 'A DISABLED user cannot log in.' })
export type UserStatus = Static<typeof UserStatus>

export const User = Strict({
  id: Id('The id of the user.'),
  email: Answer('The e-mail address.'),
  name: Nullable(Type.String(), { description: 'The name, or `null` if none was given.' }),
  role: Role,
  status: UserStatus,
  referralCode: Answer('A code for friends. Whoever registers with it was invited by this user.'),
  createdAt: Instant('When the account was created.')
}, {
  examples: [{
    id: example.userId,
    email: 'kim@example.com',
    name: 'Kim',
    role: 'USER',
    status: 'ACTIVE',
    referralCode: 'K7Q2M9XWPA',
    createdAt: example.at
  }]
})
export type User = Static<typeof User>

/** A change to another user's account. */
export const UserPatch = Strict({
  role: Type.Optional(Role),
  status: Type.Optional(UserStatus)
}, { minProperties: 1, examples: [{ role: 'OPERATOR' }] })
export type UserPatch = Static<typeof UserPatch>

/** A change to the caller's own account. */
export const MyUserPatch = Strict({
  name: Nullable(Text(100), { description: 'The new name, or `null` to remove it.' })
}, { examples: [{ name: 'Kim' }] })
export type MyUserPatch = Static<typeof MyUserPatch>
