import { isDeepStrictEqual } from 'node:util'
import type { Check, ClaimRow, DayRow, EventRow } from '../state.ts'

/** Each rollup contains exactly the grants before its end. */
export const checkRollups: Check = ({ rollups, events, claims }) => {
  const byId = new Map(events.map(event => [event._id, event]))
  return rollups.flatMap(({ _id, before, days }) => {
    const event = byId.get(_id)
    if (event === undefined) return [`there is a rollup of ${_id}, but no such event`]
    const earlier = claims.filter(({ grantedAt }) => grantedAt !== undefined && grantedAt < before)
    const expected = grantsByDay(event, earlier)
    if (isDeepStrictEqual(byDate(days), expected)) return []
    return [`the rollup of '${event.name}' is ${JSON.stringify(days)}, its claims are ${JSON.stringify(expected)}`]
  })
}

/** Returns the grants of each day of an event, in chronological order. */
export function grantsByDay ({ _id, timeZone }: EventRow, claims: readonly ClaimRow[]): DayRow[] {
  const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone })
  const days = new Map<string, number>()
  for (const { eventId, grantedAt } of claims) {
    if (eventId !== _id || grantedAt === undefined) continue
    const date = calendar.format(grantedAt)
    days.set(date, (days.get(date) ?? 0) + 1)
  }
  return byDate([...days].map(([date, granted]) => ({ date, granted })))
}

function byDate (days: readonly DayRow[]): DayRow[] {
  return days.map(({ date, granted }) => ({ date, granted })).sort((a, b) => a.date < b.date ? -1 : 1)
}
