import type { FastifyBaseLogger } from 'fastify'
import type { SendErasure } from './erasure-relay.ts'
import type { SendActivities } from './relay.ts'

/** In milliseconds. */
const requestTimeout = 2000

/** In seconds. A larger difference between two clocks is logged. The `date` header is exact to a second. */
const maxClockDifference = 5

/** The internal operations of event-service. A call throws unless event-service confirms it. */
export interface EventService {
  readonly sendActivities: SendActivities
  readonly sendErasure: SendErasure
}

/** Calls event-service with a service token. Logs once if the clocks of the two servers differ. */
export function createEventServiceClient (
  eventUrl: string, serviceToken: () => string, log: Pick<FastifyBaseLogger, 'warn'>
): EventService {
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

  async function post (path: string, body: object): Promise<Response> {
    const response = await fetch(new URL(path, eventUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serviceToken()}` },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeout)
    })
    checkClock(response.headers.get('date'))
    if (!response.ok) throw new Error(`event-service responded with ${response.status}`)
    return response
  }

  return {
    async sendActivities (activities) {
      const response = await post('/internal/activities', { activities })
      const { rejected } = await response.json() as { rejected: ReadonlyArray<{ index: number }> }
      return new Set(rejected.map(({ index }) => index))
    },
    async sendErasure (userId) {
      await post('/internal/erasures', { userId })
    }
  }
}
