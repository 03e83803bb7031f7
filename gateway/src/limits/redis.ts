import type { HealthCheck, Server } from '@laurel/shared/http'
import { Redis } from 'ioredis'
import { Gauge } from 'prom-client'

/** The maximum time until a connection is established, in milliseconds. */
const connectTimeout = 1000

/** The maximum time until Redis responds to a command, in milliseconds. */
const commandTimeout = 250

/** How long Redis is not used after a failure, in milliseconds. */
const pauseAfterFailure = 1000

/** The maximum delay before a lost connection is established again, in milliseconds. */
const maxReconnectDelay = 2000

/** The Redis that several gateways use to share their counters. Without it, each gateway counts on its own. */
export interface SharedRedis {
  readonly client: Redis
  readonly isAvailable: () => boolean
  readonly check: HealthCheck
  /** Stops using Redis for one second, so that requests do not all wait for a timeout. */
  readonly reportFailure: (error: unknown) => void
}

/** Connects in the background and reconnects after every loss. No request waits for the connection. */
export function connectRedis (app: Server, url: string): SharedRedis {
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout,
    commandTimeout,
    retryStrategy: attempt => Math.min(attempt * 100, maxReconnectDelay)
  })
  let pausedUntil = 0
  let isFailureLogged = false
  const isAvailable = (): boolean => client.status === 'ready' && Date.now() >= pausedUntil

  function reportFailure (error: unknown): void {
    pausedUntil = Date.now() + pauseAfterFailure
    if (!isFailureLogged) app.log.warn({ err: error }, 'Redis is unavailable; each gateway counts its limits alone')
    isFailureLogged = true
  }
  client.on('error', reportFailure)
  client.on('ready', () => {
    pausedUntil = 0
    isFailureLogged = false
    app.log.info('Redis is available; the gateways share their limits')
  })
  app.metrics.registerMetric(new Gauge({
    name: 'laurel_redis_up',
    help: '1 while limits are shared through Redis, 0 while each gateway counts alone',
    registers: [],
    collect () { this.set(isAvailable() ? 1 : 0) }
  }))
  app.addHook('onClose', async () => { client.disconnect() })
  return {
    client,
    isAvailable,
    reportFailure,
    async check () {
      if (!isAvailable()) throw new Error('Redis is unavailable')
    }
  }
}
