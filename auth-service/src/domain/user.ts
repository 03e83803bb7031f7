import { createHmac } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'
import type { Role } from '@laurel/shared/contracts'

export interface User {
  readonly id: string
  /** In normalized form (`normalizeEmail`). `null` for a user of a machine client. */
  readonly email: string | null
  readonly name: string | null
  readonly role: Role
  readonly status: 'ACTIVE' | 'DISABLED'
  /** The code with which the user invites friends. */
  readonly referralCode: string
  /** The id of the user who invited this one, or `null`. */
  readonly invitedBy: string | null
  /** `null` for a user who has no password, and so can neither log in nor change one. */
  readonly passwordHash: string | null
  /** Absent until the first change. A new hash of the same password is not a change. */
  readonly passwordChangedAt?: Date
  /** The machine client that the user belongs to. It starts the sessions of the user. */
  readonly clientId?: string
  readonly createdAt: Date
  /** Grows with every change. It is the ETag. */
  readonly version: number
}

/** A user of a machine client. */
export interface ClientUser extends User {
  readonly clientId: string
}

/** Returns the normalized form of an address (NFC, lower case), so that no address can be registered twice. */
export function normalizeEmail (email: string): string {
  return email.normalize('NFC').toLowerCase()
}

/** Returns the hash of the address of a deleted account, which is kept for some time. */
export function hashEmail (email: string): string {
  return createHmac('sha256', 'laurel.email.v1').update(email).digest('base64url')
}

/**
 * Returns whether a sign-in may continue after the password of `verified` was correct.
 * @param current the account as it is stored now.
 */
export function maySignIn (verified: User, current: User | null): current is User {
  return current !== null && current.status === 'ACTIVE' && hasSamePassword(verified, current)
}

/** Returns `true` if the password was not changed between two reads of an account. */
export function hasSamePassword (one: User, other: User): boolean {
  return one.passwordChangedAt?.getTime() === other.passwordChangedAt?.getTime()
}

/**
 * Returns `true` if a machine client may act for a user: the user belongs to it, has no password, and has the role
 * USER.
 */
export function isUserOfClient (user: User | null, clientId: string): user is User {
  return user !== null && user.clientId === clientId && user.role === 'USER' && user.passwordHash === null
}

/** The sentence is the same for an unknown address, a wrong password and a disabled account, so it reveals nothing. */
export function invalidCredentials (sentence = 'The email address or the password is wrong.'): DomainError {
  return new DomainError('unauthenticated', 'INVALID_CREDENTIALS', sentence)
}

export function emailTaken (): DomainError {
  return new DomainError('conflict', 'EMAIL_TAKEN', 'An account with this email address already exists.')
}

export function userExists (): DomainError {
  return new DomainError('conflict', 'USER_EXISTS', 'A user with this id exists and does not belong to this client.')
}

export function userBeingErased (): DomainError {
  const sentence = 'The previous user with this id is still being erased; retry after 5 seconds.'
  return new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 5 })
}

export function userNotActive (): DomainError {
  return new DomainError('conflict', 'USER_NOT_ACTIVE', 'This user is disabled.')
}

export function noPassword (sentence = 'This account has no password.'): DomainError {
  return new DomainError('conflict', 'NO_PASSWORD', sentence)
}

/**
 * Returns the user with another name. Returns the same object if it has this name already.
 * Throws a 412 if the caller has not seen the current version.
 * @param isCurrent returns whether the caller has seen this version.
 */
export function renameUser (user: User, name: string | null, isCurrent: (version: number) => boolean): User {
  if (!isCurrent(user.version)) throw staleUser()
  return user.name === name ? user : { ...user, name, version: user.version + 1 }
}

/** Throws 404 `USER_NOT_FOUND` if there is no user. */
export function requireUser (user: User | null): User {
  if (user === null) throw userNotFound()
  return user
}

export function userNotFound (): DomainError {
  return new DomainError('not-found', 'USER_NOT_FOUND', 'There is no user with this id.')
}

export function staleUser (): DomainError {
  return new DomainError('stale', 'PRECONDITION_FAILED', 'The user has changed since you read it; read it again.')
}
