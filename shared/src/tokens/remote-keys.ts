import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { StartupError } from '../errors.ts'
import type { PublicJwk } from './keys.ts'

/** In milliseconds. A fetch ends within the minimum interval, so only one is in flight. */
const minInterval = 2000
const fetchTimeout = 2000
const startRetryDelay = 200

export interface RemoteKeys {
  /**
   * Fetches the keys again, at most once every two seconds. Concurrent callers share one fetch.
   * Resolves to `false` if auth-service did not answer.
   */
  refresh: () => Promise<boolean>
  close: () => void
}

/** In milliseconds. */
export interface RemoteKeysTiming {
  /** How long to wait for the first keys. */
  readonly patience?: number
  readonly pollInterval?: number
}

/**
 * Loads the public keys of auth-service and polls them from then on. While auth-service is away, the known keys stay
 * valid. Throws `StartupError` if the first keys do not arrive in time.
 */
export async function followRemoteKeys (
  authUrl: string, setKeys: (keys: readonly PublicJwk[]) => void, log: FastifyBaseLogger,
  { patience = 20_000, pollInterval = 10_000 }: RemoteKeysTiming = {}
): Promise<RemoteKeys> {
  const url = new URL('/.well-known/jwks.json', authUrl)
  let fetchedAt = 0
  let lastFetch = Promise.resolve(true)

  async function load (): Promise<void> {
    fetchedAt = Date.now()
    const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeout), redirect: 'error' })
    if (!response.ok) throw new Error(`auth-service answered ${response.status}`)
    const { keys } = await response.json() as { keys: PublicJwk[] }
    setKeys(keys)
  }

  const startDeadline = Date.now() + patience
  while (true) {
    try {
      await load()
      break
    } catch (error) {
      if (Date.now() > startDeadline) {
        const reason = (error as Error).message
        throw new StartupError(`AUTH_URL: no public keys from auth-service at ${authUrl} (${reason})`)
      }
      await sleep(startRetryDelay)
    }
  }

  const refresh = async (): Promise<boolean> => {
    if (Date.now() - fetchedAt >= minInterval) {
      lastFetch = load().then(() => true, (error: unknown) => {
        log.warn({ err: error }, 'public keys not refreshed')
        return false
      })
    }
    return await lastFetch
  }
  const timer = setInterval(() => { void refresh() }, pollInterval).unref()
  return { refresh, close: () => { clearInterval(timer) } }
}
