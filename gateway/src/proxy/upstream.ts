import { lookup as systemLookup } from 'node:dns'
import type { Method } from '@laurel/shared/contracts'
import { Pool } from 'undici'
import type { Headers } from './headers.ts'
import { ResponseCollector, type OnResponse } from './response-collector.ts'
import { rotateAddresses, type LookupAll } from './rotate-addresses.ts'

/** In milliseconds. */
export const defaultAnswerTimeout = 10_000
const connectTimeout = 800

/** Milliseconds after which connections are replaced, so that a new instance of a service soon gets its share. */
const connectionLifetime = 30_000

/** The maximum number of connections to one service. */
const connections = 128

/** A request as the gateway forwards it. */
export interface UpstreamRequest {
  readonly method: Method
  /** Includes the query string. */
  readonly path: string
  readonly headers: Headers
  readonly body?: Buffer | undefined
}

/** The connections to one service. */
export interface Upstream {
  readonly request: (request: UpstreamRequest, onResponse: OnResponse) => void
  readonly close: () => Promise<void>
}

export interface UpstreamOptions {
  readonly lookup?: LookupAll
  /** Milliseconds after which new connections are made. Default: 30,000. */
  readonly lifetime?: number
}

/**
 * Opens connections to one service. Idle ones are closed long before the service closes them, so that a request is
 * never sent on a connection that is being closed.
 * @param answerTimeout how long the service may stay silent, in milliseconds.
 */
export function createUpstream (
  url: string,
  answerTimeout = defaultAnswerTimeout,
  { lookup = systemLookup, lifetime = connectionLifetime }: UpstreamOptions = {}
): Upstream {
  const createPool = (): Pool => new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeout, rejectUnauthorized: true, lookup: rotateAddresses(lookup) },
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000
  })
  let pool = createPool()
  // undici can limit the age of each connection, but then it checks every connection at every request.
  const renewal = setInterval(() => {
    void pool.close()
    pool = createPool()
  }, lifetime).unref()
  return {
    request (request, onResponse) { pool.dispatch(request, new ResponseCollector(onResponse)) },
    async close () {
      clearInterval(renewal)
      await pool.destroy()
    }
  }
}
