import { setTimeout as sleep } from 'node:timers/promises'
import { sessions, type CallerRole, type Revocations } from '@laurel/shared/contracts'
import { DomainError, StartupError } from '@laurel/shared/errors'
import { unauthenticated, type Caller } from '@laurel/shared/tokens'
import type { FastifyBaseLogger } from 'fastify'

/**
 * Milliseconds that each poll reads again. An end is stamped before its write is visible, by the clock of one of several
 * auth-services: the driver's two tries take 18 s at most, the rest is for clocks that differ.
 */
const overlap = 30_000
/** Every so many polls everything is read anew, which also forgets what has expired: a transaction's commit may take longer than the overlap. */
const pollsBetweenFull = 30

/** Who may do more than look after their own: they do nothing on a feed that is too old to tell whether they still may. */
const guarded: ReadonlySet<CallerRole> = new Set<CallerRole>(['OPERATOR', 'AUDITOR', 'ADMIN', 'SERVICE'])

export interface RevocationFeed {
  /** @throws {DomainError} 401 for a session that has ended · 503 where that cannot be known and the role needs it. */
  admit: (caller: Caller, operationId: string | undefined) => void
  close: () => void
}

/** Milliseconds. */
export interface FeedTiming {
  /** How long the first answer is waited for. */
  readonly patience?: number
  readonly pollInterval?: number
  /** How old the feed may be. */
  readonly tolerance?: number
}

/**
 * Follows the sessions that ended at auth-service: all of them are known before the gateway listens, so one that
 * restarts has forgotten nothing; new ones within a poll.
 * @throws {StartupError} where the first answer does not come.
 */
export async function followRevocations (
  authUrl: string, log: FastifyBaseLogger, { patience = 20_000, pollInterval = 1000, tolerance = 10_000 }: FeedTiming = {}
): Promise<RevocationFeed> {
  let revoked = new Set<string>()
  /** The clock of auth-service at the last answer. */
  let asOf = 0
  /** By the clock of this process, which nobody sets. */
  let freshAt = 0
  let polls = 0

  async function poll (): Promise<void> {
    const askedAt = performance.now()
    const isFull = polls % pollsBetweenFull === 0
    const url = new URL(sessions.listRevocations.url, authUrl)
    if (!isFull) url.searchParams.set('since', new Date(asOf - overlap).toISOString())
    const response = await fetch(url, { signal: AbortSignal.timeout(isFull ? 5000 : 2000), redirect: 'error' })
    if (!response.ok) throw new Error(`auth-service answered ${response.status}`)
    const answer = await response.json() as Revocations
    if (isFull) revoked = new Set()
    for (const { sessionId } of answer.revocations) revoked.add(sessionId)
    asOf = Date.parse(answer.asOf)
    freshAt = askedAt
    polls += 1
  }

  const givesUpAt = Date.now() + patience
  while (true) {
    try {
      await poll()
      break
    } catch (error) {
      if (Date.now() > givesUpAt) throw new StartupError(`AUTH_URL: no revocations from auth-service at ${authUrl} (${(error as Error).message})`)
      await sleep(200)
    }
  }

  // One at a time: an answer that was overtaken would bring back what it did not know yet.
  let underWay: Promise<void> | undefined
  const timer = setInterval(() => {
    underWay ??= poll()
      .catch((error: unknown) => { log.warn({ err: error }, 'revocations not refreshed') })
      .finally(() => { underWay = undefined })
  }, pollInterval).unref()

  return {
    admit ({ role, sessionId }, operationId) {
      if (revoked.has(sessionId)) throw unauthenticated()
      if (guarded.has(role) && operationId !== 'logout' && performance.now() - freshAt > tolerance) {
        throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', 'Whether this session still counts cannot be told at the moment', { retryAfter: 2 })
      }
    },
    close: () => { clearInterval(timer) }
  }
}
