import type { FastifyBaseLogger } from 'fastify'
import { jwks } from '../contracts/auth.ts'
import { fetchJson, startPolling, type Polling } from '../polling.ts'
import type { PublicJwk } from './keys.ts'

/** How long auth-service may take to respond, in milliseconds. */
const fetchTimeout = 2000

/** All in milliseconds. */
export interface RemoteKeysTiming {
  /** How long to wait for the first keys. */
  readonly startupTimeout?: number
  readonly pollInterval?: number
  /** The minimum time between two fetches, regardless of how many tokens with unknown keys arrive. */
  readonly minInterval?: number
}

/**
 * Loads the public keys of auth-service before it resolves, and polls them from then on. `refresh` fetches them again,
 * at most once every two seconds. While auth-service is unavailable, the known keys stay valid. Throws `StartupError`
 * if the first keys do not arrive in time.
 */
export async function followRemoteKeys (
  authUrl: string, setKeys: (keys: readonly PublicJwk[]) => void, log: FastifyBaseLogger,
  { startupTimeout, pollInterval = 10_000, minInterval = 2000 }: RemoteKeysTiming = {}
): Promise<Polling> {
  const url = new URL(jwks.url, authUrl)
  const load = async (): Promise<void> => {
    const { keys } = await fetchJson(url, fetchTimeout) as { keys: PublicJwk[] }
    setKeys(keys)
  }
  return await startPolling(load, {
    name: 'public keys', source: `AUTH_URL: ${authUrl}`, log, startupTimeout, interval: pollInterval, minInterval
  })
}
