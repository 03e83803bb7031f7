import type { Owner } from '../run/owner.ts'
import { startStandIn } from './services.ts'

export interface Delivery {
  readonly path: string
  readonly token: string
  readonly body: Readonly<Record<string, any>>
  readonly activities: ReadonlyArray<Readonly<Record<string, any>>>
}

type Behave = (delivery: Delivery) => Promise<{ readonly status: number, readonly body: unknown }>

export interface EventStandIn {
  readonly url: string
  /** The requests of auth-service so far. */
  readonly deliveries: readonly Delivery[]
  /** How it responds from now on. */
  behave: Behave
}

/** Responds like event-service to activities that are all new. */
export const takesAll: Behave = async ({ activities }) => ({
  status: 200, body: { accepted: activities.length, duplicates: 0, rejected: [] }
})

/** Starts a stand-in for event-service. A test can make it slow or broken. */
export async function startEventStandIn (t: Owner, behave: Behave = takesAll, port = 0): Promise<EventStandIn> {
  const deliveries: Delivery[] = []
  const server = await startStandIn(t, [], port)
  const standIn: EventStandIn = { url: server.url, deliveries, behave }
  server.answer = (request, response) => {
    const arrival = server.arrivals.at(-1)
    request.on('end', () => {
      const body = JSON.parse(arrival?.body ?? '')
      const delivery = {
        path: `${request.method ?? ''} ${request.url ?? ''}`,
        token: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
        body,
        activities: body.activities ?? []
      }
      deliveries.push(delivery)
      void standIn.behave(delivery).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
    })
  }
  return standIn
}
