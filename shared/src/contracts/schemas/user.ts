import { Type, type Static } from 'typebox'
import { Role } from '../roles.ts'
import { Id, Instant, Nullable, ResponseString, Strict, Text } from './common.ts'
import { example } from './examples.ts'

export const UserStatus = Type.Enum(['ACTIVE', 'DISABLED'], {
  title: 'UserStatus',
  description: 'A DISABLED user cannot log in.'
})
export type UserStatus = Static<typeof UserStatus>

const exampleUser = {
  id: example.userId,
  email: 'kim@example.com',
  name: 'Kim',
  role: 'USER',
  status: 'ACTIVE',
  referralCode: 'K7Q2M9XWPA',
  createdAt: example.at
}

export const User = Strict({
  id: Id('The id of the user.'),
  email: Nullable(Type.String(), {
    description: 'The email address, masked for an OPERATOR. `null` for a user of a machine client.'
  }),
  name: Nullable(Type.String(), { description: 'The name, or `null` if none was given.' }),
  role: Role,
  status: UserStatus,
  referralCode: ResponseString('A code to invite friends: users who register with it count as invited by this user.'),
  clientId: Type.Optional(Id('The machine client that the user belongs to.')),
  createdAt: Instant('When the account was created.')
}, {
  title: 'User',
  description: 'The account of a user.',
  examples: [exampleUser]
})
export type User = Static<typeof User>

/** The example user of a machine client. */
export const exampleClientUser = { ...exampleUser, email: null, clientId: example.clientId }

/** A change to another user's account. */
export const UserPatch = Strict({
  role: Type.Optional(Role),
  status: Type.Optional(UserStatus),
  clientId: Type.Optional(Id('The machine client that may start sessions for this user.'))
}, {
  title: 'UserPatch',
  description: 'The properties of an account to change.',
  minProperties: 1,
  examples: [{ role: 'OPERATOR' }]
})
export type UserPatch = Static<typeof UserPatch>

/** A change to the caller's own account. */
export const MyUserPatch = Strict({
  name: Nullable(Text(100), { description: 'The new name, or `null` to remove it.' })
}, {
  title: 'MyUserPatch',
  description: 'The properties of the caller\'s own account to change.',
  examples: [{ name: 'Kim' }]
})
export type MyUserPatch = Static<typeof MyUserPatch>

/** A user of a machine client. The client chooses the id, such as the id of the user in its own system. */
export const ClientUser = Strict({
  name: Type.Optional(Text(100, { description: 'The name that others see. If absent, the name does not change.' }))
}, {
  title: 'ClientUser',
  description: 'A user of a machine client.',
  examples: [{ name: 'Kim' }]
})
export type ClientUser = Static<typeof ClientUser>

/** The maximum number of accounts in one lookup. */
const maxLookup = 500

export const AccountLookup = Strict({
  userIds: Type.Array(Id('The id of a user.'), { minItems: 1, maxItems: maxLookup })
}, { examples: [{ userIds: [example.userId] }] })
export type AccountLookup = Static<typeof AccountLookup>

/** The accounts that exist. */
export const FoundAccounts = Strict({
  users: Type.Array(Strict({ id: Id('The id of the user.'), status: UserStatus }))
}, { examples: [{ users: [{ id: example.userId, status: 'ACTIVE' }] }] })
export type FoundAccounts = Static<typeof FoundAccounts>
