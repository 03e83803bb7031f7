import { lookup as systemLookup } from 'node:dns'
import { ConnectionPool } from './connection-pool.ts'
import { Exchange, type OnResponse, type UpstreamRequest } from './exchange.ts'
import { rotateAddresses, type LookupAll } from './rotate-addresses.ts'

/** The default of `responseTimeout`, in milliseconds. */
const defaultResponseTimeout = 10_000

/** The maximum time until a connection is established, in milliseconds. */
const connectTimeout = 800

/** The default of `lifetime`, in milliseconds. */
const defaultLifetime = 30_000

/** The maximum number of connections to one service. */
const maxConnections = 128

/** One service behind the gateway. */
export interface Upstream {
  readonly request: (request: UpstreamRequest, onResponse: OnResponse) => void
  readonly close: () => Promise<void>
}

export interface UpstreamOptions {
  /** The maximum time until the response, and between two bytes of its body, in milliseconds. Default: 10000. */
  readonly responseTimeout?: number | undefined
  /** Is called when a request is retried. */
  readonly onRetry?: () => void
  readonly lookup?: LookupAll
  /** The time after which a connection is replaced, in milliseconds. Default: 30000. */
  readonly lifetime?: number
}

/**
 * Opens connections to one service. Idle ones are closed long before the service closes them, so that a request is
 * never sent on a connection that is being closed.
 */
export function createUpstream (url: string, options: UpstreamOptions = {}): Upstream {
  const { responseTimeout = defaultResponseTimeout, onRetry = () => undefined } = options
  const { lookup = systemLookup, lifetime = defaultLifetime } = options
  const addresses = rotateAddresses(lookup)
  const pool = new ConnectionPool(new URL(url).origin, {
    maxConnections,
    lifetime,
    connect: { timeout: connectTimeout, rejectUnauthorized: true, lookup: addresses.lookup },
    client: {
      pipelining: 1,
      // Each request has its own deadline until its response arrives.
      headersTimeout: 0,
      bodyTimeout: responseTimeout,
      keepAliveTimeout: 10_000,
      keepAliveMaxTimeout: 30_000
    }
  })
  // If a request waited longer for a connection, the service would have too little time to respond.
  const exchangeOptions = { responseTimeout, maxWait: responseTimeout / 2, onRetry, avoid: addresses.avoid }
  return {
    request (request, onResponse) { new Exchange(pool, request, exchangeOptions, onResponse).start() },
    close: async () => { await pool.destroy() }
  }
}
