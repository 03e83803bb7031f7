import { sessions, type CallerRole, type Revocations } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { fetchJson, startPolling } from '@laurel/shared/polling'
import { unauthenticated, type Caller } from '@laurel/shared/tokens'
import type { FastifyBaseLogger } from 'fastify'

/**
 * The overlap of two polls, in milliseconds. auth-service sets the end of a session before the write is visible, by the
 * clock of one of its instances. The driver's two attempts take up to 18 s. The other 12 s are for the difference
 * between the clocks of two instances.
 */
const overlap = 30_000

/**
 * After this many polls, the whole list is read again. This removes expired sessions, and adds those that the polls
 * missed: if the clocks of two instances differ by more than 12 s, or if a commit takes longer than the overlap.
 */
const pollsBetweenFullReads = 30

/** The timeout of a poll that reads the whole list, in milliseconds. */
const fullReadTimeout = 5000

/** The timeout of every other poll, in milliseconds. */
const readTimeout = 2000

/** Roles that can affect other users. Their requests are rejected while the feed is too old. */
const privilegedRoles: ReadonlySet<CallerRole> = new Set<CallerRole>(['OPERATOR', 'AUDITOR', 'ADMIN', 'SERVICE'])

export interface RevocationFeed {
  /**
   * Throws 401 if the session has ended. Throws 503 if the feed is too old and the role is privileged, except for
   * `logout`.
   */
  readonly admit: (caller: Caller, operationId: string | undefined) => void
  /** The age of the feed, in milliseconds. */
  readonly age: () => number
  readonly close: () => void
}

/** All in milliseconds. */
export interface FeedTiming {
  /** How long to wait for the first response. */
  readonly startupTimeout?: number
  readonly pollInterval?: number
  /** The maximum age of the feed. */
  readonly maxAge?: number
}

/**
 * Polls auth-service for the sessions that have ended. The whole list is loaded before this function resolves, so a
 * restarted gateway has the complete list. New entries arrive with the next poll. Throws a `StartupError` if
 * auth-service does not return the list in time.
 */
export async function followRevocations (
  authUrl: string,
  log: FastifyBaseLogger,
  { startupTimeout, pollInterval = 1000, maxAge = 10_000 }: FeedTiming = {}
): Promise<RevocationFeed> {
  let revoked = new Set<string>()
  /** The time of auth-service in the last response. */
  let asOf = 0
  /** The monotonic clock of this process when the last successful poll began. */
  let freshAt = 0
  let polls = 0

  async function poll (): Promise<void> {
    const startedAt = performance.now()
    const isFullRead = polls % pollsBetweenFullReads === 0
    const url = new URL(sessions.listRevocations.url, authUrl)
    if (!isFullRead) url.searchParams.set('since', new Date(asOf - overlap).toISOString())
    const feed = await fetchJson(url, isFullRead ? fullReadTimeout : readTimeout) as Revocations
    if (isFullRead) revoked = new Set()
    for (const { sessionId } of feed.revocations) revoked.add(sessionId)
    asOf = Date.parse(feed.asOf)
    freshAt = startedAt
    polls += 1
  }

  const polling = await startPolling(poll, {
    name: 'revoked sessions', source: `AUTH_URL: ${authUrl}`, log, startupTimeout, interval: pollInterval
  })

  const age = (): number => performance.now() - freshAt
  return {
    age,
    admit ({ role, sessionId }, operationId) {
      if (revoked.has(sessionId)) throw unauthenticated()
      if (!privilegedRoles.has(role) || operationId === 'logout') return
      if (age() > maxAge) {
        const detail = 'The server cannot currently check whether this session has ended; retry in 2 seconds.'
        throw new DomainError('unavailable', 'SERVICE_UNAVAILABLE', detail, { retryAfter: 2 })
      }
    },
    close: polling.close
  }
}
