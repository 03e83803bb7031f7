import { setTimeout as sleep } from 'node:timers/promises'
import { capacityOf, type Entry, type RunningEvent } from './books.ts'
import { dateOf } from './calendar.ts'
import type { Stage } from './stage.ts'

const statuses = ['GRANTED', 'PENDING', 'REJECTED', 'FAILED', 'REVOKED'] as const

/** Checks that the month covers its purpose: claims in each status, and refusals of each kind. */
export function checkVariety ({ books, players }: Stage): void {
  const all = [...books.entries.values()]
  const found = new Set(all.flatMap(({ status, code = '' }) => [status, code]))
  // With few players, no stock is used up.
  const soldOut = players.length < 1000 ? [] : ['OUT_OF_STOCK']
  const refusals = ['CONDITIONS_NOT_MET', 'EVENT_INACTIVE', 'EVENT_NOT_STARTED', ...soldOut]
  const expected = [...refusals, 'GRANTED', 'REJECTED', 'REVOKED', 'FAILED']
  books.differ('what never happened', expected.filter(one => !found.has(one)), [])
}

/** Compares the stock and the statistics of each event. */
export async function compareEvents ({ books, events, auditor }: Stage): Promise<void> {
  const all = [...books.entries.values()]
  for (const event of events) {
    const own = all.filter(entry => entry.event === event)
    const period = event.body.stockPer === 'PERIOD' ? books.periodAt(event, new Date()) : undefined
    const counted = own.filter(entry => period === undefined || entry.period === period)
    const granted = counted.filter(({ status }) => status === 'GRANTED' || status === 'REVOKED').length
    const held = counted.filter(({ status }) => status === 'PENDING').length
    const capacity = capacityOf(event)
    const expected = {
      claims: countsOf(own),
      rewards: event.rewards.map(({ id, type, stock }) => {
        const limit = type === 'COUPON' ? event.codes.length : stock
        return { rewardId: id, granted, held, remaining: limit === null ? null : limit - granted - held }
      }),
      days: daysOf(event, own)
    }
    books.differ(`units of '${event.key}' beyond its capacity`, Math.max(0, granted + held - capacity), 0)
    const readStats = async (): Promise<unknown> => {
      const { claims, rewards, days } = await auditor.getEventStats({ eventId: event.id })
      return { claims, rewards, days }
    }
    books.differ(`statistics of '${event.key}'`, await settled(readStats, expected), expected)
    const readRewards = async (): Promise<unknown> => {
      const { data } = await auditor.listRewards({ eventId: event.id })
      return data.map(({ id, granted, held, remaining }) => ({ rewardId: id, granted, held, remaining }))
    }
    books.differ(`rewards of '${event.key}'`, await settled(readRewards, expected.rewards), expected.rewards)
  }
}

/** Counts may be five seconds old, so this reads until they are as expected or this time has passed. */
async function settled (read: () => Promise<unknown>, expected: unknown): Promise<unknown> {
  const until = Date.now() + 6000
  while (true) {
    const found = await read()
    if (JSON.stringify(found) === JSON.stringify(expected) || Date.now() > until) return found
    await sleep(100)
  }
}

function countsOf (entries: readonly Entry[]): Record<string, number> {
  return Object.fromEntries(statuses.map(status => [status, entries.filter(entry => entry.status === status).length]))
}

function daysOf (event: RunningEvent, entries: readonly Entry[]): Array<{ date: string, granted: number }> {
  const dates = entries.flatMap(({ grantedAt }) => grantedAt === undefined ? [] : [dateOf(grantedAt, event.rules)])
  return [...new Set(dates)].sort().map(date => ({ date, granted: dates.filter(one => one === date).length }))
}

/** Compares the settlement of the whole time, before an instant, and from that instant on. */
export async function compareStats ({ books, events, auditor }: Stage, cut: Date): Promise<void> {
  const all = [...books.entries.values()]
  const isBefore = ({ grantedAt }: Entry): boolean => grantedAt !== undefined && grantedAt < cut
  const isAfter = ({ grantedAt }: Entry): boolean => grantedAt !== undefined && grantedAt >= cut
  for (const [range, isIn] of [
    [{}, () => true],
    [{ grantedTo: cut.toISOString() }, isBefore],
    [{ grantedFrom: cut.toISOString() }, isAfter]
  ] as const) {
    const name = Object.keys(range).join()
    const expected = events.flatMap(event => {
      const claims = countsOf(all.filter(entry => entry.event === event && isIn(entry)))
      if (Object.values(claims).every(count => count === 0)) return []
      const units = claims['GRANTED'] ?? 0
      const rewards = event.rewards.map(({ id, type, name, amount, currency, itemId }) => ({
        rewardId: id, type, name, currency, itemId, units, amount: units * amount
      }))
      return [{ eventId: event.id, name: event.body.name, claims, rewards }]
    })
    const { data } = await auditor.getStats(range)
    books.differ(`events of the settlement ${name}`, data.length, expected.length)
    expected.forEach((sum, index) => { books.differ(`settlement ${name}`, data[index], sum) })
  }
}
