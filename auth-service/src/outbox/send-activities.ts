import type { SendActivities } from './relay.ts'

/** In milliseconds. */
const requestTimeout = 2000

/** Returns a function that sends activities to the internal operation of event-service, with a service token. */
export function createActivitySender (eventUrl: string, serviceToken: () => string): SendActivities {
  const url = new URL('/internal/activities', eventUrl)
  return async activities => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serviceToken()}` },
      body: JSON.stringify({ activities }),
      redirect: 'error',
      signal: AbortSignal.timeout(requestTimeout)
    })
    if (!response.ok) throw new Error(`event-service answered ${response.status}`)
    const { rejected } = await response.json() as { rejected: unknown[] }
    if (rejected.length > 0) throw new Error(`event-service rejected ${rejected.length} activities`)
  }
}
