import type { RateLimit as ContractLimit } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { HealthCheck, Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter } from 'prom-client'
import type { Config } from '../config.ts'
import { createRateCounter, type KeyOf, type RateCount, type RateCounter } from './rate-counter.ts'
import { connectRedis } from './redis.ts'
import { createTokenMemory } from './token-memory.ts'

/**
 * The limit of an address as a multiple of the limit of a user. A request with a valid token counts only toward the
 * limit of its user, so that many users can share one address.
 */
const requestsPerAddress = 20

/** How many registrations are allowed per allowed sign-in. For example, a whole class may register at the same time. */
const registrationsPerSignIn = 5

type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface Limits {
  /**
   * Runs before the token is verified. Throws 429 if the client address has exceeded its limit, unless the token of the
   * request is known to be valid or may still be verified.
   */
  readonly checkAddress: Limit
  /** Runs after the token is verified. Throws 429 if the user has exceeded the limit. */
  readonly checkUser: Limit
  /** For `/health/ready`: whether the counters are shared, if `REDIS_URL` is set. */
  readonly checks: Readonly<Record<string, HealthCheck>>
}

/** Creates the rate limits. A limit whose setting is 0 is off. */
export async function createLimits (app: Server, config: Config): Promise<Limits> {
  const redis = config.REDIS_URL === undefined ? undefined : connectRedis(app, config.REDIS_URL)
  const { RATE_LIMIT_PER_MINUTE: perUser, LOGIN_LIMIT_PER_MINUTE: perSignIn } = config
  const counter = async (name: string, max: number, keyOf?: KeyOf): Promise<RateCounter> =>
    await createRateCounter(app, { name, max, keyOf, redis })
  const address = await counter('address', perUser * requestsPerAddress)
  const user = await counter('user', perUser, request => callerOf(request).id)
  const expensive: Readonly<Record<ContractLimit, RateCounter>> = {
    'sign-in': await counter('sign-in', perSignIn),
    registration: await counter('registration', perSignIn * registrationsPerSignIn)
  }
  const hits = new Counter({
    name: 'laurel_limit_hits_total',
    help: 'Requests rejected with 429, by limit',
    labelNames: ['limit'] as const,
    registers: [app.metrics]
  })
  for (const limit of ['address', 'user', ...Object.keys(expensive)]) hits.inc({ limit }, 0)

  function enforce (limit: string, reply: FastifyReply, { max, remaining, isExceeded, ttlInSeconds }: RateCount): void {
    void reply.headers({
      'ratelimit-limit': max,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': ttlInSeconds
    })
    if (!isExceeded) return
    hits.inc({ limit })
    const detail = `Too many requests; the limit is ${max} per minute.`
    throw new DomainError('too-many', 'RATE_LIMITED', detail, { retryAfter: ttlInSeconds })
  }

  const tokens = createTokenMemory()
  // Whether the request had a valid token is known only after the response.
  if (perUser > 0) {
    app.addHook('onResponse', async (request, reply) => {
      const { authorization } = request.headers
      if (request.caller !== null) {
        if (authorization !== undefined) tokens.rememberValid(authorization)
      } else if (countsForAddress(request)) {
        if (authorization !== undefined && reply.statusCode === 401) tokens.rememberInvalid(authorization)
        await address.increment(request)
      }
    })
  }
  return {
    async checkAddress (request, reply) {
      const { limit } = request.routeOptions.config
      if (perSignIn > 0 && limit !== undefined) enforce(limit, reply, await expensive[limit].increment(request))
      if (perUser === 0 || !countsForAddress(request)) return
      const count = await address.peek(request)
      if (count.isExceeded && needsToken(request) && tokens.mayVerify(request.headers.authorization)) return
      enforce('address', reply, count)
    },
    async checkUser (request, reply) {
      if (perUser > 0) enforce('user', reply, await user.increment(request))
    },
    checks: redis === undefined ? {} : { redis: redis.check }
  }
}

function needsToken (request: FastifyRequest): boolean {
  return Array.isArray(request.routeOptions.config.access)
}

// A monitor may share its address with a flood, so health checks are exempt.
const healthChecks = new Set<string | undefined>(['live', 'ready'])

/** An operation that has its own limit does not count toward the limit of the address. */
function countsForAddress (request: FastifyRequest): boolean {
  const { operationId, limit } = request.routeOptions.config
  return !healthChecks.has(operationId) && limit === undefined
}
