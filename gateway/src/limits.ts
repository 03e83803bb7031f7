import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit'
import type { Limit as LimitName } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Check, Server } from '@laurel/shared/http'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter } from 'prom-client'
import type { Config } from './config.ts'
import { connectSharedCounts, type SharedCounts } from './shared-counts.ts'

/**
 * What nobody has signed for (no token, a bad one, no such address) counts against its network address, as much as twenty users may ask.
 * A request with a good token counts against its user alone, so that a house full of users behind one address is no flood.
 */
const usersPerAddress = 20
/** An account costs as much as a sign-in, and a class or a company registers together. */
const registrationsPerSignIn = 5
/** Addresses, or users, that are remembered: who has not come for longest is forgotten first. */
const remembered = 50_000

type Limit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

export interface Limits {
  /** Before the token: refuses an address that has asked too much without one. */
  readonly ofAddress: Limit
  /** After the token: refuses a user that has asked too much. */
  readonly ofUser: Limit
  /** For `/health/ready`: whether the counts are shared, where that was asked for. */
  readonly checks: Readonly<Record<string, Check>>
}

/** A minute's count of one kind. `peek` looks without counting. */
type Count = (request: FastifyRequest, peek?: boolean) => Promise<Counted>

interface Counted {
  readonly max: number
  readonly remaining: number
  readonly isExceeded: boolean
  readonly ttlInSeconds: number
}

/** The limits of a gateway: nothing is refused while `RATE_LIMIT_PER_MINUTE` and `LOGIN_LIMIT_PER_MINUTE` are 0. */
export async function createLimits (app: Server, config: Config): Promise<Limits> {
  const shared = config.REDIS_URL === undefined ? undefined : connectSharedCounts(app, config.REDIS_URL)
  const { RATE_LIMIT_PER_MINUTE: perUser, LOGIN_LIMIT_PER_MINUTE: perSignIn } = config
  const address = await createCount(app, shared, 'address', perUser * usersPerAddress)
  const hashing: Readonly<Record<LimitName, Count>> = {
    'sign-in': await createCount(app, shared, 'sign-in', perSignIn),
    registration: await createCount(app, shared, 'registration', perSignIn * registrationsPerSignIn)
  }
  const user = await createCount(app, shared, 'user', perUser, request => callerOf(request).id)
  const hits = new Counter({ name: 'laurel_limit_hits_total', help: 'Requests refused with 429, by limit', labelNames: ['limit'] as const, registers: [app.metrics] })

  function hold (limit: string, reply: FastifyReply, { max, remaining, isExceeded, ttlInSeconds }: Counted): void {
    void reply.headers({ 'ratelimit-limit': max, 'ratelimit-remaining': remaining, 'ratelimit-reset': ttlInSeconds })
    if (!isExceeded) return
    hits.inc({ limit })
    throw new DomainError('too-many', 'RATE_LIMITED', `Too many requests: ${max} a minute are allowed`, { retryAfter: ttlInSeconds })
  }

  // Counted when it is clear that nobody has signed for it.
  if (perUser > 0) {
    app.addHook('onResponse', async request => {
      if (request.caller === null && countsForAddress(request)) await address(request)
    })
  }
  return {
    async ofAddress (request, reply) {
      const { limit } = request.routeOptions.config
      if (perSignIn > 0 && limit !== undefined) hold(limit, reply, await hashing[limit](request))
      if (perUser > 0 && countsForAddress(request)) hold('address', reply, await address(request, true))
    },
    async ofUser (request, reply) {
      if (perUser > 0) hold('user', reply, await user(request))
    },
    checks: shared === undefined ? {} : { redis: shared.check }
  }
}

// Whoever watches the gateway may share an address with a flood; what costs a password's hash is counted by itself.
const watching = new Set<string | undefined>(['live', 'ready'])

function countsForAddress (request: FastifyRequest): boolean {
  return !watching.has(request.routeOptions.config.operationId) && request.routeOptions.config.limit === undefined
}

/** @param key whom a request counts for: its address, IPv6 by networks of 64 bits, where nothing is given. */
async function createCount (app: Server, shared: SharedCounts | undefined, name: string, max: number, key?: (request: FastifyRequest) => string): Promise<Count> {
  const options = { global: false, max, timeWindow: 60_000, cache: remembered, ...(key === undefined ? {} : { keyGenerator: key }) }
  const here = await createCounter(app, options)
  const together = shared === undefined ? undefined : await createCounter(app, { ...options, redis: shared.client, nameSpace: `laurel:${name}:` })
  return async (request, peek = false) => {
    if (together !== undefined && shared?.usable() === true) {
      try {
        return await together(request, peek)
      } catch (error) {
        shared.failed(error)
      }
    }
    return await here(request, peek)
  }
}

/** One instance of the plugin for each count, for an instance has one place to count in. */
async function createCounter (app: Server, options: RateLimitPluginOptions): Promise<Count> {
  let count: Count | undefined
  await app.register(async scope => {
    await scope.register(rateLimit, options)
    const increment = scope.createRateLimit()
    count = async (request, peek) => {
      const counted = await increment(request, { increment: peek !== true }) as Counted
      return peek === true ? { ...counted, isExceeded: counted.remaining === 0 } : counted
    }
  })
  return count as unknown as Count
}
