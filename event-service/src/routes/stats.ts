import { events as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { createCounts } from '../counts.ts'
import { localDate } from '../domain/calendar.ts'
import { eventNotFound } from '../domain/event.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'
import { remainingOf } from './answers.ts'

export interface StatsRoutesOptions {
  readonly events: EventStore
  readonly claims: ClaimStore
}

export async function statsRoutes (app: Server, { events, claims }: StatsRoutesOptions): Promise<void> {
  const stats = createCounts(claims.statsOf)

  app.route({
    ...contract.getEventStats,
    async handler (request) {
      const event = await events.find(request.params.eventId)
      if (event === null) throw eventNotFound()
      const { byStatus, quarters, asOf } = await stats.of(event.id)
      const [GRANTED = 0, PENDING = 0, REJECTED = 0, FAILED = 0, REVOKED = 0] = (['GRANTED', 'PENDING', 'REJECTED', 'FAILED', 'REVOKED'] as const).map(status => byStatus.get(status))
      const count = { granted: GRANTED + REVOKED, held: PENDING }
      const days = new Map<string, number>()
      for (const { at, granted } of quarters) {
        const date = localDate(at, event.timeZone)
        days.set(date, (days.get(date) ?? 0) + granted)
      }
      return {
        eventId: event.id,
        asOf: asOf.toISOString(),
        claims: { GRANTED, PENDING, REJECTED, FAILED, REVOKED },
        rewards: event.rewards.map(reward => ({ rewardId: reward.rewardId, ...count, remaining: remainingOf(reward, count) })),
        days: [...days].sort(([a], [b]) => a.localeCompare(b)).map(([date, granted]) => ({ date, granted }))
      }
    }
  })
}
