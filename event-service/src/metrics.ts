import type { Server } from '@laurel/shared/http'
import { Counter, Gauge, Histogram } from 'prom-client'
import { capacityOf } from './domain/reward.ts'
import { stockPeriodAt } from './domain/stock-per.ts'
import type { OnBatch } from './engine/index.ts'
import type { ClaimStore } from './stores/claims.ts'
import type { DeliveryStore } from './stores/deliveries.ts'
import type { EventStore } from './stores/events.ts'
import type { PauseStore } from './stores/pauses.ts'
import { stockId } from './stores/stock-key.ts'
import type { StockStore } from './stores/stock.ts'
import type { WebhookStore } from './stores/webhooks.ts'
import type { AttemptResult } from './webhooks/dispatcher.ts'

export interface Metrics {
  /** Counts the outcome of a claim request: `GRANTED`, `PENDING` or the code of its refusal. */
  readonly countClaim: (outcome: string) => void
  /** Records the size of a batch. */
  readonly observeBatch: OnBatch
  /** Counts an attempt to deliver a message to a webhook. */
  readonly countAttempt: (result: AttemptResult) => void
  /** Counts activities that were removed because no event needs them any longer. */
  readonly countRemoved: (activities: number) => void
}

const batchSizes = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Creates the metrics of event-service, in addition to those that every server has. */
export function createMetrics ({ metrics }: Pick<Server, 'metrics'>): Metrics {
  const claims = new Counter({
    name: 'laurel_claims_total',
    help: 'Claim requests by outcome',
    labelNames: ['outcome'] as const,
    registers: [metrics]
  })
  const batches = new Histogram({
    name: 'laurel_batch_requests',
    help: 'Requests per batch',
    labelNames: ['of'] as const,
    buckets: batchSizes,
    registers: [metrics]
  })
  const attempts = new Counter({
    name: 'laurel_webhook_attempts_total',
    help: 'Attempts to deliver webhook messages, by outcome',
    labelNames: ['outcome'] as const,
    registers: [metrics]
  })
  const removals = new Counter({
    name: 'laurel_activities_removed_total',
    help: 'Activities that were removed after ACTIVITY_RETENTION_DAYS',
    registers: [metrics]
  })
  return {
    countRemoved: activities => { removals.inc(activities) },
    countClaim: outcome => { claims.inc({ outcome }) },
    observeBatch: (of, requests) => { batches.observe({ of }, requests) },
    countAttempt: outcome => { attempts.inc({ outcome }) }
  }
}

/** The maximum number of events in the stock metric, the newest running ones. More would create too many series. */
const maxEvents = 50

/** Adds a metric of the stock of running events. It is empty while MongoDB does not respond. */
export function addStockMetric ({ metrics }: Pick<Server, 'metrics'>, events: EventStore, stock: StockStore): void {
  async function readStock (): Promise<ReadonlyMap<string, number>> {
    const running = { status: 'ACTIVE', phase: 'RUNNING', now: new Date() } as const
    const { data } = await events.list(running, { limit: maxEvents })
    const stocks = data.flatMap(event => {
      const capacity = capacityOf(event)
      const id = stockId({ eventId: event.id, stockPeriod: stockPeriodAt(event, running.now) })
      return capacity === undefined ? [] : [{ eventId: event.id, id, capacity }]
    })
    const left = await stock.available(new Map(stocks.map(({ id, capacity }) => [id, capacity])))
    return new Map(stocks.map(({ eventId, id }) => [eventId, left.get(id) as number]))
  }

  const gauge = new Gauge({
    name: 'laurel_stock_remaining',
    help: `Slots that are left, of the ${maxEvents} newest running events with limited rewards`,
    labelNames: ['event'] as const,
    registers: [metrics],
    async collect () {
      const left = await readStock().catch(() => new Map<string, number>())
      gauge.reset()
      for (const [event, slots] of left) gauge.set({ event }, slots)
    }
  })
}

/** Adds a metric that is 1 while granting is paused, otherwise 0. It is empty while MongoDB does not respond. */
export function addPauseMetric ({ metrics }: Pick<Server, 'metrics'>, pauses: Pick<PauseStore, 'find'>): void {
  const gauge = new Gauge({
    name: 'laurel_granting_paused',
    help: '1 while granting is paused',
    registers: [metrics],
    async collect () {
      const paused = await pauses.find().then(pause => pause === undefined ? 0 : 1, () => undefined)
      gauge.remove()
      if (paused !== undefined) gauge.set(paused)
    }
  })
}

interface WebhookSources {
  readonly claims: Pick<ClaimStore, 'outbox'>
  readonly webhooks: Pick<WebhookStore, 'findActive'>
  readonly deliveries: Pick<DeliveryStore, 'dueSince'>
}

/** Adds a metric of how long messages have been waiting. It is empty while MongoDB does not respond. */
export function addWebhookMetric (
  { metrics }: Pick<Server, 'metrics'>, { claims, webhooks, deliveries }: WebhookSources
): void {
  /** Returns how long the oldest outbox entry, or the oldest due delivery, has been waiting, in seconds. */
  async function readDelay (now: Date): Promise<number> {
    const active = await webhooks.findActive()
    const since = await Promise.all([
      claims.outbox.oldest(), ...active.map(async ({ id }) => await deliveries.dueSince(id, now))
    ])
    return Math.max(0, ...since.map(at => at === undefined ? 0 : (now.getTime() - at.getTime()) / 1000))
  }

  const gauge = new Gauge({
    name: 'laurel_webhook_oldest_due_seconds',
    help: 'How long the oldest webhook message has been overdue',
    registers: [metrics],
    async collect () {
      const delay = await readDelay(new Date()).catch(() => undefined)
      gauge.remove()
      if (delay !== undefined) gauge.set(delay)
    }
  })
}
