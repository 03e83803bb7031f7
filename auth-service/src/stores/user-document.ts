import { userRoles } from '@laurel/shared/contracts'
import { createDocumentCheck, StoredDate } from '@laurel/shared/mongo'
import { toSearchForm } from '@laurel/shared/text'
import type { User } from '../domain/user.ts'

export interface UserDocument extends Omit<User, 'id'> {
  _id: string
  /** The start of the visit of the last login. */
  visitedAt?: Date
  firstLoginAt?: Date
  /** Incremented by every login. */
  logins?: number
  /** The name in its search form. */
  searchName?: string | null
}

/** Filter of the ADMINs who can log in. No other ADMIN counts. */
export const usableAdmins = { role: 'ADMIN', status: 'ACTIVE', passwordHash: { $ne: null } } as const

const text = { type: 'string' }
const nullableText = { type: ['string', 'null'] }
const checkUser = createDocumentCheck('users', {
  email: nullableText,
  name: nullableText,
  role: { enum: userRoles },
  status: { enum: ['ACTIVE', 'DISABLED'] },
  referralCode: text,
  invitedBy: nullableText,
  passwordHash: nullableText,
  createdAt: StoredDate,
  version: { type: 'integer' }
}, { passwordChangedAt: StoredDate, clientId: text })

/** Throws `UnreadableDocumentError` if the document is malformed. */
export function toUser (document: UserDocument): User {
  checkUser(document)
  const { _id, visitedAt, firstLoginAt, logins, searchName, ...user } = document
  return { id: _id, ...user }
}

/** Returns the document of a new user. */
export function newUserDocument ({ id, ...user }: User): UserDocument {
  return { _id: id, ...user, ...nameFields(user.name) }
}

/** Returns the fields that change with the name. */
export function nameFields (name: string | null): Pick<UserDocument, 'name' | 'searchName'> {
  return { name, searchName: name === null ? null : toSearchForm(name) }
}
