import type { Server } from '@laurel/shared/http'
import { Counter, Gauge, Histogram } from 'prom-client'
import { capacityOf } from './domain/reward.ts'
import type { EventStore } from './stores/events.ts'
import type { StockStore } from './stores/stock.ts'

export interface Metrics {
  /** A claim was answered: `GRANTED`, `PENDING` or the code of its refusal. */
  readonly claimed: (outcome: string) => void
  /** A batch began, of this kind and with so many requests. */
  readonly batched: (of: 'claims' | 'progress' | 'activities', requests: number) => void
}

/** What event-service tells Prometheus beside what every server tells. */
export function createMetrics ({ metrics }: Pick<Server, 'metrics'>): Metrics {
  const claims = new Counter({ name: 'laurel_claims_total', help: 'Answers to claims', labelNames: ['outcome'] as const, registers: [metrics] })
  const batches = new Histogram({
    name: 'laurel_batch_requests', help: 'Requests that go to MongoDB together', labelNames: ['of'] as const, buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500], registers: [metrics]
  })
  return {
    claimed: outcome => { claims.inc({ outcome }) },
    batched: (of, requests) => { batches.observe({ of }, requests) }
  }
}

/** Events whose stock is told, the newest of those that run: what is told of each must not become endless. */
const told = 50

/** Tells how many units the events that run now have left. Without MongoDB nobody knows; the other metrics go on. */
export function tellStock ({ metrics }: Pick<Server, 'metrics'>, events: EventStore, stock: StockStore): void {
  const gauge = new Gauge({
    name: 'laurel_stock_remaining',
    help: `Units that are left, of the ${told} newest limited events that run`,
    labelNames: ['event'] as const,
    registers: [metrics],
    async collect () {
      const { data } = await events.list({ status: 'ACTIVE', phase: 'RUNNING', now: new Date() }, { limit: told }).catch(() => ({ data: [] }))
      const capacities = new Map(data.flatMap(event => {
        const capacity = capacityOf(event)
        return capacity === undefined ? [] : [[event.id, capacity] as const]
      }))
      const left = await stock.available(capacities).catch(() => new Map<string, number>())
      gauge.reset()
      for (const [event, units] of left) gauge.set({ event }, units)
    }
  })
}
