import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Actor } from '../audit.ts'
import { callerRoles, type Access, type CallerRole, type Role } from '../contracts/roles.ts'
import { DomainError } from '../errors.ts'
import { UnknownKey, type TokenPayload, type TokenVerifier } from './verifier.ts'

/** Who asks, as the token says; nothing else in a request makes identity. */
export interface Caller {
  /** A user's or a machine client's id. */
  readonly id: string
  readonly role: CallerRole
  readonly sessionId: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public operations. */
    caller: Caller | null
  }
}

/** The caller of an operation that is not public. */
export function callerOf (request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('This route was declared public')
  return request.caller
}

/** The person behind a request, for audits and histories; SERVICE has no operation that is audited. */
export function actorOf (request: FastifyRequest): Actor {
  const { id, role } = callerOf(request)
  return { id, role: role as Role, requestId: request.id }
}

/** What every access token carries besides `iss` and `aud` (RFC 9068, 2.2, with our `sid` and `role`). */
export const accessClaims = ['sub', 'sid', 'jti', 'role', 'iat', 'exp'] as const

/** What a service token carries besides `iss` and `aud`. */
export const internalClaims = ['sub', 'jti', 'iat', 'exp'] as const

export const internalTokenType = 'svc+jwt'
export const internalAudience = 'laurel-internal'

export interface GuardOptions {
  readonly access: TokenVerifier
  /** For operations with access `internal`; without it they are refused. */
  readonly internal?: TokenVerifier
  /** Asks for the keys anew when a token names one that is not known; false where nobody can tell. */
  readonly refreshKeys?: () => Promise<boolean>
  /** Looks at a caller whose token is right, before the role is: the gateway refuses those whose session has ended. */
  readonly admit?: (caller: Caller, operationId: string | undefined) => void
  /** Refuses a caller who asks too much, whether or not the role may. */
  readonly limit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

/**
 * The token guard of all three servers: before anything of a request is read, its route's `access` is held against
 * its token. A route without `access` is a bug and answers 500, never open.
 */
export const guard = fp<GuardOptions>(async (app, { access, internal, refreshKeys, admit, limit }) => {
  app.addHook('onRequest', async (request, reply) => {
    const needed = request.routeOptions.config.access
    if (needed === undefined) throw new Error(`The route ${String(request.routeOptions.url)} says nothing about access`)
    if (needed === 'public' || needed === 'private') return

    const verifier = needed === 'internal' ? internal : access
    if (verifier === undefined) throw unauthenticated()
    const token = readBearer(request.headers.authorization)
    const payload = await verify(verifier, token, refreshKeys)
    if (needed === 'internal') return
    const caller = readCaller(payload)
    // Whose session has ended is nobody: whoever has the token cannot use up what its user may ask.
    admit?.(caller, request.routeOptions.config.operationId)
    request.caller = caller
    await limit?.(request, reply)
    if (!allows(needed, caller.role)) throw new DomainError('forbidden', 'FORBIDDEN', `This operation is not for ${caller.role}`)
  })
}, { name: 'laurel-guard' })

/**
 * Reads a token where none is needed.
 * @returns who asks and until when (seconds since 1970), undefined without a token that counts.
 */
export function readOptionalToken (access: TokenVerifier, header: string | undefined): { caller: Caller, expiresAt: number } | undefined {
  try {
    const payload = access.verify(readBearer(header))
    return { caller: readCaller(payload), expiresAt: Number(payload['exp']) }
  } catch {
    return undefined
  }
}

export function allows (access: Exclude<Access, string>, role: CallerRole): boolean {
  return access.includes(role)
}

async function verify (verifier: TokenVerifier, token: string, refreshKeys: GuardOptions['refreshKeys']): Promise<TokenPayload> {
  try {
    return verifier.verify(token)
  } catch (error) {
    if (!(error instanceof UnknownKey) || refreshKeys === undefined) throw unauthenticated()
  }
  if (!await refreshKeys()) throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Whether this token counts cannot be told at the moment', { retryAfter: 2 })
  try {
    return verifier.verify(token)
  } catch {
    throw unauthenticated()
  }
}

// RFC 6750, 2.1. The scheme is case-insensitive (RFC 9110, 11.1); the token's alphabet is that of a compact JWS.
const bearer = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i

function readBearer (header: string | undefined): string {
  const token = bearer.exec(header ?? '')?.[1]
  if (token === undefined) throw unauthenticated()
  return token
}

const id = /^[A-Za-z0-9_-]{1,128}$/
const isId = (value: unknown): value is string => typeof value === 'string' && id.test(value)
const isRole = (value: unknown): value is CallerRole => callerRoles.some(role => role === value)

// What only our own mistake could sign is refused all the same: nobody without a name or with a role that nobody has.
function readCaller ({ sub, role, sid, iat }: TokenPayload): Caller {
  if (!isId(sub) || !isRole(role) || !isId(sid) || typeof iat !== 'number') throw unauthenticated()
  return { id: sub, role, sessionId: sid }
}

export function unauthenticated (): DomainError {
  return new DomainError('unauthenticated', 'UNAUTHENTICATED', 'A valid access token is needed: Authorization: Bearer …')
}
