import type { Stats } from '@laurel/shared/contracts'
import { Failed, groupBy } from '../batch.ts'
import { coalesce } from '../coalesce.ts'
import { settlementOf } from '../domain/settlement.ts'
import type { ClaimFilter, ClaimStore, StatusCount } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'

export interface SettleOptions {
  readonly claims: Pick<ClaimStore, 'countAll'>
  readonly events: Pick<EventStore, 'findMany'>
}

/**
 * Returns the grants of a time range, by event, in the order of their creation. Concurrent callers share one count.
 * Throws if an event cannot be read, because the totals would be incomplete.
 */
export type Settle = (range: Pick<ClaimFilter, 'grantedFrom' | 'grantedTo'>) => Promise<Stats>

export function createSettle ({ claims, events }: SettleOptions): Settle {
  return coalesce(async range => {
    const found = await claims.countAll(range)
    const counts = groupBy(found, ({ eventId }) => eventId)
    const counted = await events.findMany([...counts.keys()])
    const all = [...counted.values()].map(event => {
      if (event instanceof Failed) throw event.error
      return event
    })
    const data = all
      .toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime() || a.id.localeCompare(b.id))
      .map(event => {
        const own = counts.get(event.id) as readonly StatusCount[]
        const byStatus = new Map(own.map(({ status, count }) => [status, count]))
        return settlementOf(event, byStatus)
      })
    return { data }
  })
}
