import { isDeepStrictEqual } from 'node:util'
import type { EventStats } from '@laurel/shared/contracts'
import type { Db } from 'mongodb'
import type { Client } from '../client.ts'
import { readStatisticsOf } from '../load-statistics.ts'
import { eventually } from '../../kit/run/eventually.ts'
import type { Random } from '../../kit/run/random.ts'
import type { State } from '../state.ts'
import { grantsByDay } from './rollups.ts'

export interface StatisticsOptions {
  readonly client: Client
  readonly db: Db
  readonly state: State
  readonly random: Random
}

/** In milliseconds. A server caches a count for at most 5 s. */
const timeout = 10_000

/** Statistics match the stored claims, with rollups and without them. */
export async function checkStatistics ({ client, db, state, random }: StatisticsOptions): Promise<string[]> {
  const { events, claims } = state

  /** Returns the statistics of an event, counted after this instant. */
  async function read (eventId: string, since: Date): Promise<EventStats> {
    return await eventually(async () => {
      const response = await readStatisticsOf({ client }, eventId, random)
      return Date.parse(response?.body.asOf) >= since.getTime() && response?.body as EventStats
    }, timeout)
  }

  async function faults (what: string): Promise<string[]> {
    const since = new Date()
    const found = await Promise.all(events.map(async event => {
      const shown = await read(event._id, since)
      const own = claims.filter(({ eventId }) => eventId === event._id)
      const byStatus = Object.fromEntries(Object.keys(shown.claims).map(wanted =>
        [wanted, own.filter(({ status }) => status === wanted).length]))
      const expected = { claims: byStatus, days: grantsByDay(event, own) }
      const counted = { claims: shown.claims, days: shown.days }
      return isDeepStrictEqual(counted, expected)
        ? []
        : [`the statistics of '${event.name}' ${what} are ${JSON.stringify(counted)}, not ${JSON.stringify(expected)}`]
    }))
    return found.flat()
  }

  const withRollups = await faults('with rollups')
  await db.collection('grantRollups').deleteMany({})
  return [...withRollups, ...await faults('without rollups')]
}
