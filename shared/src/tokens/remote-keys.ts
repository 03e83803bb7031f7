import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { StartupError } from '../errors.ts'
import type { PublicJwk } from './keys.ts'

/** Milliseconds. A fetch never outlasts the interval, so there is one at a time. */
const minInterval = 2000
const fetchTimeout = 2000

export interface RemoteKeys {
  /** Fetches the keys again, at most once in two seconds, together for all who ask. @returns whether auth-service gave them. */
  refresh: () => Promise<boolean>
  close: () => void
}

/** Milliseconds. */
export interface RemoteKeysTiming {
  /** How long the first answer is waited for. */
  readonly patience?: number
  readonly pollInterval?: number
}

/**
 * Follows the public keys of auth-service: loaded before the server listens, polled afterwards.
 * While auth-service is away the keys known so far go on counting.
 * @throws {StartupError} where the first answer does not come.
 */
export async function followRemoteKeys (
  authUrl: string, setKeys: (keys: readonly PublicJwk[]) => void, log: FastifyBaseLogger,
  { patience = 20_000, pollInterval = 10_000 }: RemoteKeysTiming = {}
): Promise<RemoteKeys> {
  const url = new URL('/.well-known/jwks.json', authUrl)
  let fetchedAt = 0
  let underWay = Promise.resolve(true)

  async function load (): Promise<void> {
    fetchedAt = Date.now()
    const response = await fetch(url, { signal: AbortSignal.timeout(fetchTimeout), redirect: 'error' })
    if (!response.ok) throw new Error(`auth-service answered ${response.status}`)
    const { keys } = await response.json() as { keys: PublicJwk[] }
    setKeys(keys)
  }

  const givesUpAt = Date.now() + patience
  while (true) {
    try {
      await load()
      break
    } catch (error) {
      if (Date.now() > givesUpAt) throw new StartupError(`AUTH_URL: no public keys from auth-service at ${authUrl} (${(error as Error).message})`)
      await sleep(200)
    }
  }

  const refresh = async (): Promise<boolean> => {
    if (Date.now() - fetchedAt >= minInterval) {
      underWay = load().then(() => true, (error: unknown) => {
        log.warn({ err: error }, 'public keys not refreshed')
        return false
      })
    }
    return await underWay
  }
  const timer = setInterval(() => { void refresh() }, pollInterval).unref()
  return { refresh, close: () => { clearInterval(timer) } }
}
