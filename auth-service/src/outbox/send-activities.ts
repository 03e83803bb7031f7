import type { FastifyBaseLogger } from 'fastify'
import type { SendActivities } from './relay.ts'

/** In milliseconds. */
const requestTimeout = 2000

/** In seconds. A larger difference between two clocks is logged. The `date` header is exact to a second. */
const maxClockDifference = 5

/**
 * Returns a function that sends activities to the internal operation of event-service, with a service token. It logs
 * once if the clocks of the two servers differ.
 */
export function createActivitySender (
  eventUrl: string, serviceToken: () => string, log: Pick<FastifyBaseLogger, 'warn'>
): SendActivities {
  let isDifferenceLogged = false

  function checkClock (date: string | null): void {
    const difference = Math.round((Date.parse(date ?? '') - Date.now()) / 1000)
    if (Number.isNaN(difference)) return
    const isDifferent = Math.abs(difference) > maxClockDifference
    if (isDifferent && !isDifferenceLogged) {
      log.warn({ clockDifference: difference }, 'The clocks of auth-service and event-service differ (seconds)')
    }
    isDifferenceLogged = isDifferent
  }

  const url = new URL('/internal/activities', eventUrl)
  return async activities => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serviceToken()}` },
      body: JSON.stringify({ activities }),
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeout)
    })
    checkClock(response.headers.get('date'))
    if (!response.ok) throw new Error(`event-service answered ${response.status}`)
    const { rejected } = await response.json() as { rejected: unknown[] }
    if (rejected.length > 0) throw new Error(`event-service rejected ${rejected.length} activities`)
  }
}
