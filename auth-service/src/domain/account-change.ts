import { DomainError, invalidField } from '@laurel/shared/errors'
import { hasSamePassword, invalidCredentials, noPassword, staleUser, type User } from './user.ts'

/** The effect of an operation on an account. */
export interface AccountChange<After extends User | null = User | null> {
  /** The account after the operation, or `null` if it is deleted. It is the same object if nothing changes. */
  readonly user: After
  /** Whether the change removes an ADMIN who can log in. If so, another one must remain. */
  readonly removesAdmin: boolean
  /** Whether event-service must erase the data of the user. */
  readonly isErasure?: boolean
  /** The state in the audit entry, without the email address, the name and the hash. */
  readonly audited?: { readonly before: AuditedState, readonly after: AuditedState }
}

type AuditedState = Pick<User, 'role' | 'status' | 'clientId'>

/** What an ADMIN can change about a user. */
export type AccountPatch = Partial<AuditedState>

/**
 * Changes the role, the status or the machine client of a user.
 * Throws a 412 if the caller has not seen the current version, a 400 if a user with a password is assigned to a machine
 * client, and 409 `NO_PASSWORD` if a user without a password gets a role above USER: no one could log in as this user.
 * @param isCurrent returns whether the caller has seen this version.
 */
export function changeAccount (
  user: User, patch: AccountPatch, isCurrent: (version: number) => boolean
): AccountChange<User> {
  const { role = user.role, status = user.status, clientId = user.clientId } = patch
  if (!isCurrent(user.version)) throw staleUser()
  if (patch.clientId !== undefined && user.passwordHash !== null) {
    throw invalidField('/clientId', 'is allowed only for a user without a password')
  }
  if (role !== user.role && role !== 'USER' && user.passwordHash === null) {
    throw noPassword('A user without a password can have only the role USER.')
  }
  if (role === user.role && status === user.status && clientId === user.clientId) return { user, removesAdmin: false }
  const after = { ...user, role, status, ...(clientId === undefined ? {} : { clientId }), version: user.version + 1 }
  return {
    user: after,
    removesAdmin: isUsableAdmin(user) && !isUsableAdmin(after),
    audited: { before: auditedState(user), after: auditedState(after) }
  }
}

function auditedState ({ role, status, clientId }: User): AuditedState {
  return { role, status, ...(clientId === undefined ? {} : { clientId }) }
}

/**
 * Sets a new password for a user.
 * Throws a 401 if the password has changed since the verification.
 * @param verified the account whose current password was correct.
 */
export function changePassword (user: User, verified: User, passwordHash: string, at: Date): AccountChange<User> {
  if (!hasSamePassword(user, verified)) throw invalidCredentials('The password was changed by another request.')
  const after = { ...user, passwordHash, passwordChangedAt: at, version: user.version + 1 }
  return { user: after, removesAdmin: false }
}

export function deleteAccount (user: User): AccountChange<null> {
  return { user: null, removesAdmin: isUsableAdmin(user) }
}

/** Deletes the account. event-service must then erase the data of the user. */
export function eraseAccount (user: User): AccountChange<null> {
  return { ...deleteAccount(user), isErasure: true }
}

/** Returns whether this is an ADMIN who can log in. Earlier versions made users without a password ADMIN, too. */
function isUsableAdmin ({ role, status, passwordHash }: User): boolean {
  return role === 'ADMIN' && status === 'ACTIVE' && passwordHash !== null
}

export function lastAdmin (): DomainError {
  return new DomainError('conflict', 'LAST_ADMIN', 'The last ADMIN cannot be demoted, disabled or deleted.')
}
