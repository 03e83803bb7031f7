import type { FastifyBaseLogger } from 'fastify'
import { StartupError } from './errors.ts'
import { defaultStartupTimeout, waitUntilAvailable } from './startup.ts'

export interface PollingOptions {
  /** The name of the data in the log and the error: 'public keys'. */
  readonly name: string
  /** The source of the data and its setting, for the error: 'AUTH_URL: http://127.0.0.1:3001'. */
  readonly source: string
  readonly log: FastifyBaseLogger
  /** How long to wait for the first load to succeed, in milliseconds. Default: 30 seconds. */
  readonly startupTimeout?: number | undefined
  /** Time between two loads, in milliseconds. */
  readonly interval: number
  /** Minimum time between the starts of two loads, however often `refresh` is called, in milliseconds. Default: 0. */
  readonly minInterval?: number
}

export interface Polling {
  /**
   * Loads again and returns whether that succeeded. Concurrent callers share one load.
   * Returns the last result if the last load started less than `minInterval` ago. Never throws.
   */
  readonly refresh: () => Promise<boolean>
  /** Stops polling. A load in progress still completes. */
  readonly close: () => void
}

/**
 * Keeps a copy of data that another server owns. Loads it before this function resolves, and again at every interval.
 * At most one load is in progress. A later load that fails is logged, and the old copy stays in use. Throws a
 * `StartupError` if the first load does not succeed within `startupTimeout`.
 */
export async function startPolling (load: () => Promise<void>, options: PollingOptions): Promise<Polling> {
  const { name, source, log, startupTimeout = defaultStartupTimeout, interval, minInterval = 0 } = options
  let startedAt = -Infinity
  let isLoading = false
  let result = Promise.resolve(true)

  async function loadOnce (): Promise<void> {
    startedAt = performance.now()
    isLoading = true
    try {
      await load()
    } finally {
      isLoading = false
    }
  }

  async function refresh (): Promise<boolean> {
    if (!isLoading && performance.now() - startedAt >= minInterval) {
      result = loadOnce().then(() => true, (error: unknown) => {
        log.warn({ err: error }, `the ${name} were not refreshed`)
        return false
      })
    }
    return await result
  }

  await waitUntilAvailable(loadOnce, {
    name: `the ${name}`,
    log,
    startupTimeout,
    giveUp: ({ message }) => new StartupError(`${source} sent no ${name} (${message})`)
  })

  const timer = setInterval(() => { void refresh() }, interval).unref()
  return { refresh, close: () => { clearInterval(timer) } }
}

/**
 * Returns the JSON that another server returns for this URL. Throws if the server does not respond within `timeout`
 * milliseconds, or responds with a redirect or an error status.
 */
export async function fetchJson (url: URL, timeout: number): Promise<unknown> {
  const signal = AbortSignal.timeout(timeout)
  const response = await fetch(url, { signal, redirect: 'error' }).catch((error: unknown) => { throw causeOf(error) })
  if (!response.ok) throw new Error(`it responded with ${response.status}`)
  return await response.json()
}

/** Returns why a `fetch` failed: `connect ECONNREFUSED 127.0.0.1:3001` or `bad port` instead of `fetch failed`. */
function causeOf (error: unknown): unknown {
  const { cause = error } = error as Error
  // If a name has several addresses, the cause contains one error for each of them.
  return cause instanceof AggregateError ? cause.errors[0] : cause
}
