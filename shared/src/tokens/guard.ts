import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Access, CallerRole } from '../contracts/roles.ts'
import { DomainError } from '../errors.ts'
import { readBearer, unauthenticated } from './bearer.ts'
import { toCaller, type Caller } from './caller.ts'
import { createClockCheck } from './clock-check.ts'
import { UnknownKeyError, type TokenPayload, type TokenVerifier } from './verifier.ts'

export interface GuardOptions {
  readonly access: TokenVerifier
  /** For operations with access `internal`. Without it, they are rejected. */
  readonly internal?: TokenVerifier
  /** Fetches the keys again for a token with an unknown key. Resolves to `false` if the keys are not available. */
  readonly refreshKeys?: () => Promise<boolean>
  /** Called with the caller of a valid token, before its role is checked. The gateway rejects ended sessions here. */
  readonly checkSession?: (caller: Caller, operationId: string | undefined) => void
  /** Rejects a caller who sends too many requests, before its role is checked. */
  readonly checkRateLimit?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
}

/**
 * Checks the token of every request against the `access` of its route, before the body is read. All three servers use
 * this guard. A route without `access` is a bug: it responds with 500 and is never open.
 */
export const guard = fp<GuardOptions>(async (app, { access, internal, refreshKeys, checkSession, checkRateLimit }) => {
  const checkClock = createClockCheck(app.log)
  app.addHook('onRequest', async (request, reply) => {
    const { access: required, operationId } = request.routeOptions.config
    if (required === undefined) throw new Error(`The route ${String(request.routeOptions.url)} declares no access`)
    if (required === 'public' || required === 'private') return

    const verifier = required === 'internal' ? internal : access
    if (verifier === undefined) throw unauthenticated()
    const payload = await verify(verifier, readBearer(request.headers.authorization), refreshKeys)
    if (required === 'internal') {
      checkClock(payload)
      return
    }
    const caller = toCaller(payload)
    // The session is checked before the limit, so that a token of an ended session cannot use up the limit of its user.
    checkSession?.(caller, operationId)
    request.caller = caller
    await checkRateLimit?.(request, reply)
    if (!allows(required, caller.role)) {
      throw new DomainError('forbidden', 'FORBIDDEN', `The role ${caller.role} is not allowed to call this operation.`)
    }
  })
}, { name: 'laurel-guard' })

function allows (access: Exclude<Access, string>, role: CallerRole): boolean {
  return access.includes(role)
}

type RefreshKeys = GuardOptions['refreshKeys']

async function verify (verifier: TokenVerifier, token: string, refreshKeys: RefreshKeys): Promise<TokenPayload> {
  try {
    return verifier.verify(token)
  } catch (error) {
    if (!(error instanceof UnknownKeyError) || refreshKeys === undefined) throw unauthenticated()
  }
  if (!await refreshKeys()) {
    const sentence = 'The token cannot be verified at the moment; retry after 2 seconds.'
    throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence, { retryAfter: 2 })
  }
  try {
    return verifier.verify(token)
  } catch {
    throw unauthenticated()
  }
}
