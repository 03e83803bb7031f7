import { setTimeout as sleep } from 'node:timers/promises'
import { nextAttemptAt, signedHeaders, type Delivery, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { WebhookStore } from '../stores/webhooks.ts'
import type { Sender } from './sender.ts'

export interface DispatcherOptions {
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  readonly sender: Sender
  readonly log: { readonly warn: (error: unknown, message: string) => void }
  /** Milliseconds between two looks for what is due. */
  readonly interval?: number
  /** Milliseconds after which a delivery that a dead process had taken is sent by another one. */
  readonly lease?: number
}

export interface Dispatcher {
  readonly start: () => void
  /** Looks for what is due now, without waiting for the interval to end. */
  readonly wake: () => void
  /** Resolves when nothing is on its way. */
  readonly close: () => Promise<void>
}

/** Deliveries of one webhook that are on their way at once, from one process: a receiver that hangs holds only these. */
const parallelPerWebhook = 4

/** Sends deliveries to their webhooks. Each webhook has workers of its own, so one that hangs delays no other. */
export function createDispatcher (
  { webhooks, deliveries, sender, log, interval = 1000, lease = 30_000 }: DispatcherOptions
): Dispatcher {
  const workers = new Map<string, Set<Promise<void>>>()
  const closing = new AbortController()
  let waiting = new AbortController()
  let loop: Promise<void> = Promise.resolve()

  async function deliver (webhook: Webhook, delivery: Delivery): Promise<void> {
    const { id, messageId, body, attempts } = delivery
    const headers = signedHeaders(webhook.secret, messageId, body, new Date())
    const status = await sender.send(webhook.url, headers, body).catch(() => undefined)
    const now = new Date()
    if (status !== undefined && status >= 200 && status < 300) {
      await deliveries.noteDelivered(id, status)
    } else if (status === 410) {
      // The receiver is gone for good (RFC 9110, 15.5.11).
      await webhooks.disable(webhook.id, now)
      await deliveries.noteRefused(id, status, undefined)
      await deliveries.failAll(webhook.id)
    } else {
      await deliveries.noteRefused(id, status, nextAttemptAt(attempts, now, Math.random()))
    }
  }

  async function work (webhook: Webhook): Promise<void> {
    while (!closing.signal.aborted) {
      const delivery = await deliveries.acquire(webhook.id, new Date(), lease)
      if (delivery === null) return
      await deliver(webhook, delivery)
    }
  }

  async function look (): Promise<void> {
    for (const webhook of await webhooks.findActive()) {
      const own = workers.get(webhook.id) ?? new Set()
      workers.set(webhook.id, own)
      if (own.size >= parallelPerWebhook) continue
      const worker: Promise<void> = work(webhook)
        .catch((error: unknown) => { log.warn(error, 'webhook deliveries failed; they are tried again') })
        .finally(() => {
          own.delete(worker)
          if (own.size === 0) workers.delete(webhook.id)
        })
      own.add(worker)
    }
  }

  async function run (): Promise<void> {
    while (!closing.signal.aborted) {
      await look().catch((error: unknown) => { log.warn(error, 'webhooks could not be read; they are read again') })
      waiting = new AbortController()
      const signal = AbortSignal.any([waiting.signal, closing.signal])
      await sleep(interval, undefined, { signal }).catch(() => undefined)
    }
  }

  return {
    start () { loop = run() },
    wake () { waiting.abort() },
    async close () {
      closing.abort()
      sender.close()
      await loop
      await Promise.all([...workers.values()].flatMap(own => [...own]))
    }
  }
}
