import type { CallerRole } from '@laurel/shared/contracts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Acknowledged } from './acknowledged.ts'
import type { Random } from './random.ts'
import type { Tokens } from './tokens.ts'

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH'
  readonly path: string
  readonly role: CallerRole
  readonly sub: string
  readonly body?: unknown
  /** Sent as Idempotency-Key. */
  readonly key?: string
  /** Statuses that are right. 503 always is. */
  readonly expected: readonly number[]
}

export interface Answer {
  readonly status: number
  // What comes back has every shape; the checks look at it.
  readonly body: any
  readonly replayed: boolean
}

/**
 * Asks one of the servers, and again with the same key where the connection broke or the answer was 503.
 * @returns undefined where it was given up: nobody knows then what happened.
 */
export type Client = (ask: Ask, random: Random, patience?: number) => Promise<Answer | undefined>

const timeLimit = 12_000

export function createClient (urls: readonly string[], tokens: Tokens, acknowledged: Acknowledged, signal: AbortSignal): Client {
  const { outcomes, unexpected } = acknowledged

  async function askOnce ({ method, path, role, sub, body, key, expected }: Ask, url: string): Promise<Answer | undefined> {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens.of(role, sub)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key })
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)])
    }).then(async response => ({
      status: response.status, replayed: response.headers.has('idempotent-replayed'), body: await response.json()
    })).catch(() => undefined)
    const outcome = nameOf(answer)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (answer === undefined || answer.status === 503) return undefined
    if (!expected.includes(answer.status)) unexpected.push(`${method} ${path} of ${sub} was answered ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer
  }

  return async (ask, random, patience = 12) => {
    for (let attempt = 1; attempt <= patience && !signal.aborted; attempt++) {
      const answer = await askOnce(ask, random.pick(urls))
      if (answer !== undefined) return answer
      await sleep(random.between(20, 150) * attempt)
    }
    return undefined
  }
}

function nameOf (answer: Answer | undefined): string {
  if (answer === undefined) return 'no answer'
  const { status, replayed, body } = answer
  return `${status}${status < 300 ? '' : ` ${body.code}`}${replayed ? ' replayed' : ''}`
}
