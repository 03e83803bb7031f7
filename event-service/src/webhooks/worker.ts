import { AsyncResource } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOfClaim, messageOfEvent, messageOfStock } from '../domain/messages.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { EventStore } from '../stores/events.ts'
import type { StockStore } from '../stores/stock.ts'
import type { WebhookStore } from '../stores/webhooks.ts'
import type { Allowed } from './address.ts'
import { createDispatcher, type AttemptResult } from './dispatcher.ts'
import { createRelay } from './relay.ts'
import { createMessageSender } from './sender.ts'
import { createAnnounce } from './announce.ts'
import type { WarningLog } from '../warning-log.ts'

export interface WebhookWorkerOptions {
  readonly claims: ClaimStore
  readonly events: EventStore
  readonly stock: StockStore
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  readonly allowed: Allowed
  readonly log: WarningLog
  readonly onAttempt: (result: AttemptResult) => void
  /** The delay between two rounds if there are webhooks, in milliseconds. */
  readonly interval?: number
  /** The delay between two rounds if there are no webhooks, in milliseconds. */
  readonly idleInterval?: number
}

export interface WebhookWorker {
  readonly start: () => void
  /** Starts a round immediately. */
  readonly wake: () => void
  /**
   * Starts no further work. Resolves when nothing is in flight, or after 2 seconds. Other processes continue the work.
   */
  readonly close: () => Promise<void>
}

/** How long `close` waits, in milliseconds. */
const closeTime = 2000

/**
 * Sends messages to webhooks. Each round adds outbox entries about changes that are not caused by a request, converts
 * all entries to deliveries, and lets the dispatcher send the due deliveries. Several processes can do this
 * concurrently.
 */
export function createWebhookWorker (options: WebhookWorkerOptions): WebhookWorker {
  const { claims, events, stock, webhooks, deliveries, allowed, log, onAttempt } = options
  const { interval = 500, idleInterval = 2000 } = options
  const announce = createAnnounce({ events, stock })
  const sender = createMessageSender({ allowed })
  const dispatcher = createDispatcher({ webhooks, deliveries, sender, log, onAttempt })
  const relay = createRelay({
    deliveries,
    findWebhooks: webhooks.findActive,
    log,
    outboxes: [
      async limit => await claims.outbox.read(limit, messageOfClaim),
      async limit => await events.outbox.read(limit, messageOfEvent),
      async limit => await stock.outbox.read(limit, messageOfStock)
    ]
  })
  let isClosed = false
  let timer: NodeJS.Timeout | undefined
  let inProgress: Promise<void> | undefined
  let isWoken = false

  async function attempt (step: () => Promise<void>): Promise<void> {
    await step().catch((error: unknown) => {
      log.warn({ err: error }, 'a round of webhooks failed; retrying in the next round')
    })
  }

  /** Returns the delay before the next round, in milliseconds. */
  async function round (): Promise<number> {
    let pause = interval
    await attempt(async () => {
      const active = await webhooks.findActive()
      if (active.length === 0) pause = idleInterval
      await announce(active, new Date())
    })
    while (true) {
      if (isClosed) return pause
      let hasMore = false
      await attempt(async () => { hasMore = await relay() })
      await attempt(async () => { dispatcher.dispatch(await webhooks.findActive()) })
      if (!hasMore) return pause
    }
  }

  function begin (): void {
    if (isClosed || inProgress !== undefined) return
    clearTimeout(timer)
    isWoken = false
    inProgress = round().then(pause => {
      inProgress = undefined
      if (isWoken) begin()
      else if (!isClosed) timer = setTimeout(begin, pause)
    })
  }

  return {
    start: begin,
    // A round does not belong to a request, even if a request starts it.
    wake: AsyncResource.bind(() => {
      isWoken = true
      begin()
    }),
    async close () {
      isClosed = true
      clearTimeout(timer)
      const finished = Promise.all([inProgress, dispatcher.close()])
      await Promise.race([finished, sleep(closeTime, undefined, { ref: false })])
      sender.close()
    }
  }
}
