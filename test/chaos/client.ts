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
  readonly body?: unknown
  /** Sent as Idempotency-Key. */
  readonly key?: string
  /** Statuses that are right, besides 503. */
  readonly expected: readonly number[]
}

export interface ApiResponse {
  readonly status: number
  // Bodies have every shape; the checks look into them.
  readonly body: any
  readonly replayed: boolean
}

/**
 * Sends a request to one of the servers, and again with the same key after a broken connection or a 503.
 * Returns `undefined` if it gave up: then the outcome of the request is unknown.
 */
export type Client = (request: ApiRequest, random: Random, maxAttempts?: number) => Promise<ApiResponse | undefined>

/** Milliseconds. */
const timeLimit = 12_000

export function createClient (
  urls: readonly string[], tokenFor: AuthStandIn['tokenFor'], { outcomes, unexpected }: Acknowledged,
  signal: AbortSignal
): Client {
  async function send (request: ApiRequest, url: string): Promise<ApiResponse | undefined> {
    const { method, path, role, sub, body, key, expected } = request
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokenFor(role, sub)}`,
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
    if (response === undefined || response.status === 503) return undefined
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
