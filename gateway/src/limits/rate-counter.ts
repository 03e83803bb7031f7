import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit'
import { networkOf, type Server } from '@laurel/shared/http'
import type { FastifyRequest } from 'fastify'
import type { SharedRedis } from './redis.ts'

/** The maximum number of keys in memory. The least recently used key is forgotten first. */
const maxKeys = 50_000

const oneMinute = 60_000

/** The count of one key in the current minute. */
export interface RateCount {
  readonly max: number
  readonly remaining: number
  readonly isExceeded: boolean
  readonly ttlInSeconds: number
}

export interface RateCounter {
  /** Counts this request. */
  readonly increment: (request: FastifyRequest) => Promise<RateCount>
  /** Returns the count without adding to it. `isExceeded`: whether the next request would exceed the limit. */
  readonly peek: (request: FastifyRequest) => Promise<RateCount>
}

/** Returns the key under which a request is counted. */
export type KeyOf = (request: FastifyRequest) => string

export interface RateCounterOptions {
  readonly name: string
  /** Requests per minute. */
  readonly max: number
  /** Default: the client's address. */
  readonly keyOf: KeyOf | undefined
  readonly redis: SharedRedis | undefined
}

type Count = (request: FastifyRequest, isIncrement: boolean) => Promise<RateCount>

/** Creates a counter that is shared through Redis while Redis is available, and counts in memory otherwise. */
export async function createRateCounter (app: Server, options: RateCounterOptions): Promise<RateCounter> {
  const { name, max, keyOf = networkOfClient, redis } = options
  const pluginOptions = {
    global: false,
    max,
    timeWindow: oneMinute,
    cache: maxKeys,
    keyGenerator: keyOf
  }
  const inMemory = await createStore(app, pluginOptions)
  const shared = redis === undefined
    ? undefined
    : await createStore(app, { ...pluginOptions, redis: redis.client, nameSpace: `laurel:${name}:` })

  async function count (request: FastifyRequest, isIncrement: boolean): Promise<RateCount> {
    if (shared !== undefined && redis?.isAvailable() === true) {
      try {
        return await shared(request, isIncrement)
      } catch (error) {
        redis.reportFailure(error)
      }
    }
    return await inMemory(request, isIncrement)
  }
  return {
    increment: async request => await count(request, true),
    async peek (request) {
      const current = await count(request, false)
      return { ...current, isExceeded: current.remaining === 0 }
    }
  }
}

function networkOfClient ({ clientAddress }: FastifyRequest): string {
  return networkOf(clientAddress)
}

/** Each instance of the plugin has one store, so every counter needs its own instance. */
async function createStore (app: Server, options: RateLimitPluginOptions): Promise<Count> {
  let count: Count | undefined
  await app.register(async scope => {
    await scope.register(rateLimit, options)
    const limit = scope.createRateLimit()
    count = async (request, isIncrement) => await limit(request, { increment: isIncrement }) as RateCount
  })
  return count as unknown as Count
}
