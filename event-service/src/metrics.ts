import type { Server } from '@laurel/shared/http'
import { Counter, Histogram } from 'prom-client'

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
