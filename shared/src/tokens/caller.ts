import type { FastifyRequest } from 'fastify'
import type { Actor } from '../audit.ts'
import { callerRoles, type CallerRole } from '../contracts/roles.ts'
import { idPattern } from '../contracts/schemas/common.ts'
import { readBearer, unauthenticated } from './bearer.ts'
import type { TokenPayload, TokenVerifier } from './verifier.ts'

/** The sender of a request according to its token. No other part of a request proves an identity. */
export interface Caller {
  /** The id of a user or of a machine client. */
  readonly id: string
  readonly role: CallerRole
  readonly sessionId: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** `null` for public operations. */
    caller: Caller | null
  }
}

/** Returns the caller of an operation that is not public. Throws if the route is public, which is a bug. */
export function callerOf (request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('The route is public')
  return request.caller
}

/** Returns the user or machine client behind a request, for audits and histories. */
export function actorOf (request: FastifyRequest): Actor {
  const { id, role } = callerOf(request)
  return { id, role, requestId: request.id }
}

/**
 * Reads the token of an operation that does not require one.
 * Returns its caller and when it expires (in seconds since 1970), or `undefined` without a valid token.
 */
export function readOptionalToken (
  access: TokenVerifier, header: string | undefined
): { caller: Caller, expiresAt: number } | undefined {
  try {
    const payload = access.verify(readBearer(header))
    return { caller: toCaller(payload), expiresAt: Number(payload['exp']) }
  } catch {
    return undefined
  }
}

const isId = (value: unknown): value is string => typeof value === 'string' && idPattern.test(value)
const isRole = (value: unknown): value is CallerRole => callerRoles.some(role => role === value)

/** Returns the caller of a verified token. Throws `UNAUTHENTICATED` for a token that was signed because of a bug. */
export function toCaller ({ sub, role, sid, iat }: TokenPayload): Caller {
  if (!isId(sub) || !isRole(role) || !isId(sid) || typeof iat !== 'number') throw unauthenticated()
  return { id: sub, role, sessionId: sid }
}
