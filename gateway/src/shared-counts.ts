import type { Check, Server } from '@laurel/shared/http'
import { Redis } from 'ioredis'
import { Gauge } from 'prom-client'

/** Milliseconds. */
const answerTimeout = 250
const pause = 1000

/** Redis, which several gateways count in together. What is counted is worth little: without it everybody counts alone. */
export interface SharedCounts {
  readonly client: Redis
  /** Whether it is worth asking now. */
  readonly usable: () => boolean
  readonly check: Check
  /** It did not answer: it is left alone for a second, so that requests do not wait for it one by one. */
  readonly failed: (error: unknown) => void
}

/** Connects in the background and again after every loss; nothing waits for it. */
export function connectSharedCounts (app: Server, url: string): SharedCounts {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1000,
    commandTimeout: answerTimeout,
    retryStrategy: attempt => Math.min(attempt * 100, 2000)
  })
  let pausedUntil = 0
  let told = false
  const usable = (): boolean => client.status === 'ready' && Date.now() >= pausedUntil
  function failed (error: unknown): void {
    pausedUntil = Date.now() + pause
    if (!told) app.log.warn({ err: error }, 'Redis is away: limits are counted by each gateway alone')
    told = true
  }
  client.on('error', failed)
  client.on('ready', () => {
    pausedUntil = 0
    told = false
    app.log.info('Redis is there: limits are shared')
  })
  app.metrics.registerMetric(new Gauge({
    name: 'laurel_redis_up',
    help: '1 while limits are shared through Redis, 0 while each gateway counts alone',
    registers: [],
    collect () { this.set(usable() ? 1 : 0) }
  }))
  app.addHook('onClose', async () => { client.disconnect() })
  return {
    client,
    usable,
    failed,
    async check () {
      if (!usable()) throw new Error('Redis is away')
    }
  }
}
