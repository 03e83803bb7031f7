import { activities as contract, erasures, type IngestionResult } from '@laurel/shared/contracts'
import type { FastifyBaseLogger } from 'fastify'
import type { SendErasure } from './outbox/erasure-relay.ts'
import type { SendActivities } from './outbox/relay.ts'

/** The timeout for a response of event-service, in milliseconds. */
const requestTimeout = 2000

/** In seconds. A larger difference between two clocks is logged. The `date` header is exact to a second. */
const loggedClockDifference = 5

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
    const seconds = Math.round((Date.parse(date ?? '') - Date.now()) / 1000)
    if (Number.isNaN(seconds)) return
    const isDifferent = Math.abs(seconds) > loggedClockDifference
    if (isDifferent && !isDifferenceLogged) {
      log.warn({ seconds }, 'the clocks of auth-service and event-service differ')
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
      const response = await post(contract.ingestInternalActivities.url, { activities })
      const { rejected } = await response.json() as IngestionResult
      return new Set(rejected.map(({ index }) => index))
    },
    async sendErasure (userId) {
      await post(erasures.ingestErasure.url, { userId })
    }
  }
}
