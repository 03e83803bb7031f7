import type { FastifyBaseLogger } from 'fastify'
import type { TokenPayload } from './verifier.ts'

/** The largest difference that is normal, in seconds, because a token is sent a moment after it was issued. */
const maxDifference = 5

/** The minimum time between two warnings, in milliseconds. */
const logInterval = 60_000

/**
 * Returns a function that logs, at most once a minute, that the clock of the server which issued a token differs from
 * ours: the token is issued in the future or has expired before it was used.
 */
export function createClockCheck (log: Pick<FastifyBaseLogger, 'warn'>): (payload: TokenPayload) => void {
  let loggedAt = -Infinity
  return ({ iat, exp }) => {
    const now = Date.now() / 1000
    const seconds = Math.round(Math.max(Number(iat) - now, now - Number(exp)))
    if (seconds <= maxDifference || performance.now() - loggedAt < logInterval) return
    loggedAt = performance.now()
    log.warn({ seconds }, 'the clock of another server differs from ours')
  }
}
