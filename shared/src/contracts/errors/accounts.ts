import type { ErrorEntry } from './entry.ts'

/** Codes of users, sessions, and machine clients. */
export const accountErrors = {
  UNAUTHENTICATED: {
    status: 401,
    title: 'Not authenticated',
    meaning: 'The access token is missing, invalid, or expired, or its session has ended.',
    action: 'Refresh the tokens or log in, and send `Authorization: Bearer <token>`.'
  },
  INVALID_CREDENTIALS: {
    status: 401,
    title: 'Invalid credentials',
    meaning: 'The email address and password, or the client id and secret, do not match.',
    action: 'Check the credentials. Repeated failures delay the next attempt.'
  },
  INVALID_REFRESH_TOKEN: {
    status: 401,
    title: 'Invalid refresh token',
    meaning: 'The refresh token is unknown, expired, or already used, or its session has ended.',
    action: 'Log in again.'
  },
  FORBIDDEN: {
    status: 403,
    title: 'Forbidden',
    meaning: 'The role of the caller does not allow this operation.',
    action: 'Use an account with one of the roles that the operation documents.'
  },
  USER_NOT_FOUND: {
    status: 404,
    title: 'User not found',
    meaning: 'There is no user with this id.',
    action: 'Check the id.'
  },
  SESSION_NOT_FOUND: {
    status: 404,
    title: 'Session not found',
    meaning: 'The caller has no session with this id, or it has ended.',
    action: 'List the sessions to see which ones exist.'
  },
  CLIENT_NOT_FOUND: {
    status: 404,
    title: 'Machine client not found',
    meaning: 'There is no machine client with this id.',
    action: 'List the machine clients to see which ones exist.'
  },
  EMAIL_TAKEN: {
    status: 409,
    title: 'Email address taken',
    meaning: 'An account with this email address already exists.',
    action: 'Log in, or register with another address.'
  },
  USER_EXISTS: {
    status: 409,
    title: 'User exists',
    meaning: 'A user with this id already exists and does not belong to this machine client.',
    action: 'Use another id.'
  },
  NO_PASSWORD: {
    status: 409,
    title: 'No password',
    meaning: 'The user has no password, so the user can neither log in nor have a role above USER.',
    action: 'Let the machine client start the sessions of its users. Give a role to a user who registered.'
  },
  LAST_ADMIN: {
    status: 409,
    title: 'Last ADMIN',
    meaning: 'The user is the last active ADMIN with a password and cannot be demoted, disabled, or deleted.',
    action: 'Make another user ADMIN first.'
  },
  PRECONDITION_FAILED: {
    status: 412,
    title: 'Precondition failed',
    meaning: 'The object has changed since the version in `If-Match`.',
    action: 'Read the object again, apply the change to it, and send its new `ETag`.'
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    title: 'Too many wrong passwords',
    meaning: 'There were several wrong passwords, so the next attempt is delayed.',
    action: 'Wait for the number of seconds in the `Retry-After` header.'
  }
} as const satisfies Readonly<Record<string, ErrorEntry>>
