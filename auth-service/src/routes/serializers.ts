import type {
  CallerRole, MachineClient as PublicClient, Session as PublicSession, Tokens, User as PublicUser
} from '@laurel/shared/contracts'
import type { Client } from '../domain/client.ts'
import { endOf, type Lifetimes, type Session } from '../domain/session.ts'
import { maskEmail } from '../domain/user-search.ts'
import type { User } from '../domain/user.ts'
import type { SignedIn } from '../flows/issue-tokens.ts'

/** Leaves out the hash of the password and the inviter. */
export function serializeUser (user: User): PublicUser {
  const { id, email, name, role, status, referralCode, clientId, createdAt } = user
  return {
    id,
    email,
    name,
    role,
    status,
    referralCode,
    ...(clientId === undefined ? {} : { clientId }),
    createdAt: createdAt.toISOString()
  }
}

/** Masks the email address for an OPERATOR. */
export function serializeUserFor (caller: CallerRole, user: User): PublicUser {
  const serialized = serializeUser(user)
  if (caller !== 'OPERATOR' || serialized.email === null) return serialized
  return { ...serialized, email: maskEmail(serialized.email) }
}

export function serializeSignedIn ({ user, ...tokens }: SignedIn): Tokens {
  return { ...tokens, tokenType: 'Bearer', user: serializeUser(user) }
}

export function serializeSession (session: Session, lifetimes: Lifetimes, currentId: string): PublicSession {
  const { id, createdAt, usedAt } = session
  return {
    id,
    createdAt: createdAt.toISOString(),
    lastUsedAt: usedAt.toISOString(),
    expiresAt: endOf(session, lifetimes).toISOString(),
    current: id === currentId
  }
}

export function serializeClient ({ id, name, createdBy, createdAt }: Client): PublicClient {
  return { clientId: id, name, createdBy, createdAt: createdAt.toISOString() }
}
