import type { Db } from 'mongodb'
import type { ApiResponse } from './client.ts'
import type { ChaosEvent } from './events.ts'
import type { LoadContext, Operation } from './load.ts'
import type { Random } from '../kit/run/random.ts'

/** The ids of users whose claims were inserted before the load begin with this. */
export const earlierUser = 'earlier-'
const [older, recent] = [2000, 6000]
const hour = 3_600_000
/** In milliseconds. A rollup contains grants that are older. */
const minGrantAge = 240_000

/** Inserts grants of an event that end up in its rollup before and during the load. */
export async function insertEarlierGrants (db: Db, events: readonly ChaosEvent[]): Promise<void> {
  const [eventId] = events.filter(({ isLimited, condition }) => !isLimited && condition !== null).map(({ id }) => id)
  const now = Date.now()
  await db.collection<{ _id: string }>('claims').insertMany(Array.from({ length: older + recent }, (_, index) => {
    const age = index < older ? minGrantAge + index * hour / 100 : minGrantAge * (index - older) / recent
    const userId = `${earlierUser}${index}`
    const at = new Date(now - age)
    return {
      _id: `${eventId}_${userId}_EVENT`,
      eventId,
      userId,
      period: 'EVENT',
      status: 'GRANTED',
      progress: null,
      rewards: [],
      attempts: 1,
      history: [{ at, by: userId, role: 'USER', from: null, to: 'GRANTED', requestId: 'earlier' }],
      createdAt: at,
      updatedAt: at,
      grantedAt: at,
      writtenBy: 'earlier'
    }
  }))
}

/** An auditor reads statistics, so that both servers extend the rollup of an event. */
export function readStatistics (context: LoadContext): Operation {
  return async random => { await readStatisticsOf(context, random.pick(context.events).id, random) }
}

/** Reads the statistics of an event, so that a server extends its rollup. */
export async function readStatisticsOf (
  { client }: Pick<LoadContext, 'client'>, eventId: string, random: Random
): Promise<ApiResponse | undefined> {
  return await client({
    method: 'GET', path: `/v1/events/${eventId}/stats`, role: 'AUDITOR', sub: 'auditor', expected: [200]
  }, random)
}
