import { setTimeout as sleep } from 'node:timers/promises'
import type { CallerRole } from '@laurel/shared/contracts'
import type { Acknowledged } from './acknowledged.ts'
import type { AuthStandIn } from './auth-stand-in.ts'
import type { Random } from '../kit/run/random.ts'

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly role: CallerRole
  readonly sub: string
  /** Replaces the token that is created from `role` and `sub`. */
  readonly token?: string
  readonly body?: unknown
  /** Sent as Idempotency-Key. */
  readonly key?: string
  /** Correct statuses, in addition to those that a fault may cause. */
  readonly expected: readonly number[]
}

export interface ApiResponse {
  readonly status: number
  // Bodies have different shapes; the checks examine them.
  readonly body: any
  readonly replayed: boolean
}

/**
 * Sends a request to one of the servers, and retries it with the same key after a broken connection or a status that a
 * fault may cause. Returns `undefined` if it gives up; then the outcome of the request is unknown.
 */
export type Client = (request: ApiRequest, random: Random, maxAttempts?: number) => Promise<ApiResponse | undefined>

export interface ClientOptions {
  /** Statuses that a fault may cause, after which a request is retried. */
  readonly faultStatuses?: readonly number[]
  /** How long a client waits for a response, in milliseconds. */
  readonly timeLimit?: number
  /** Called after each attempt. */
  readonly onAttempt?: (outcome: string, startedAt: number) => void
}

export function createClient (
  urls: readonly string[], tokenFor: AuthStandIn['tokenFor'], { outcomes, unexpected }: Acknowledged,
  signal: AbortSignal, { faultStatuses = [503], timeLimit = 12_000, onAttempt }: ClientOptions = {}
): Client {
  async function send (request: ApiRequest, url: string): Promise<ApiResponse | undefined> {
    const { method, path, role, sub, token = tokenFor(role, sub), body, key, expected } = request
    const startedAt = performance.now()
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)])
    }).then(async response => ({
      status: response.status,
      replayed: response.headers.has('idempotent-replayed'),
      body: await response.json()
    })).catch(() => undefined)
    const outcome = outcomeOf(response)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    onAttempt?.(outcome, startedAt)
    if (response === undefined || faultStatuses.includes(response.status)) return undefined
    if (!expected.includes(response.status)) {
      unexpected.push(`${method} ${path} by ${sub} returned ${response.status} ${JSON.stringify(response.body)}`)
    }
    return response
  }

  return async (request, random, maxAttempts = 12) => {
    for (let attempt = 1; attempt <= maxAttempts && !signal.aborted; attempt++) {
      const response = await send(request, random.pick(urls))
      if (response !== undefined) return response
      await sleep(random.between(20, 150) * attempt)
    }
    return undefined
  }
}

function outcomeOf (response: ApiResponse | undefined): string {
  if (response === undefined) return 'no response'
  const { status, replayed, body } = response
  return `${status}${status < 300 ? '' : ` ${body.code}`}${replayed ? ' replayed' : ''}`
}
