import { nextAttemptAt, signedHeaders, type Delivery, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { WebhookStore } from '../stores/webhooks.ts'
import type { MessageSender } from './sender.ts'
import type { WarningLog } from '../warning-log.ts'

/** The result of an attempt: the receiver accepted it, sent another status, sent no response, or is gone. */
export type AttemptResult = 'delivered' | 'refused' | 'unreachable' | 'gone'

export interface DispatcherOptions {
  readonly webhooks: Pick<WebhookStore, 'disable'>
  readonly deliveries: DeliveryStore
  readonly sender: Pick<MessageSender, 'send'>
  readonly log: WarningLog
  readonly onAttempt: (result: AttemptResult) => void
  readonly now?: () => Date
  /** How long a process leases a delivery while sending it, in milliseconds. */
  readonly lease?: number
}

export interface Dispatcher {
  /** Starts to send the due deliveries of these webhooks. Returns immediately. */
  readonly dispatch: (webhooks: readonly Webhook[]) => void
  /** Starts no further attempts. Resolves when no attempt is in flight. */
  readonly close: () => Promise<void>
}

/** How many concurrent attempts a process makes per webhook. A receiver that hangs blocks only these. */
const parallelPerWebhook = 4

/** Sends deliveries. Each webhook has its own workers, so a receiver that hangs does not delay others. */
export function createDispatcher (options: DispatcherOptions): Dispatcher {
  const { webhooks, deliveries, sender, log, onAttempt } = options
  const { now = () => new Date(), lease = 30_000 } = options
  const workers = new Map<string, Set<Promise<void>>>()
  let isClosed = false

  async function attempt (webhook: Webhook, delivery: Delivery): Promise<void> {
    const { messageId, body, failures } = delivery
    const headers = signedHeaders(webhook.secret, messageId, body, now())
    const lastStatus = await sender.send(webhook.url, headers, body).catch(() => undefined)
    const at = now()
    const result = resultOf(lastStatus)
    onAttempt(result)
    if (result === 'delivered') {
      await deliveries.recordOutcome(delivery, { status: 'DELIVERED', lastStatus }, at)
    } else if (result === 'gone') {
      await webhooks.disable(webhook.id, at)
      await deliveries.recordOutcome(delivery, { status: 'FAILED', lastStatus }, at)
      await deliveries.failAll(webhook.id)
    } else {
      const next = nextAttemptAt(failures + 1, at, Math.random())
      const status = next === undefined ? 'FAILED' : 'PENDING'
      await deliveries.recordOutcome(delivery, { status, lastStatus, nextAttemptAt: next }, at)
    }
  }

  async function work (webhook: Webhook): Promise<void> {
    while (true) {
      if (isClosed) return
      const delivery = await deliveries.acquire(webhook.id, now(), lease)
      if (delivery === null) return
      // There may be more deliveries than one worker can send.
      addWorker(webhook)
      await attempt(webhook, delivery)
    }
  }

  function addWorker (webhook: Webhook): void {
    const own = workers.get(webhook.id) ?? new Set()
    if (isClosed || own.size >= parallelPerWebhook) return
    workers.set(webhook.id, own)
    const worker: Promise<void> = work(webhook)
      .catch((error: unknown) => { log.warn({ err: error }, 'a webhook delivery failed; it will be retried') })
      .finally(() => {
        own.delete(worker)
        if (own.size === 0) workers.delete(webhook.id)
      })
    own.add(worker)
  }

  return {
    dispatch: found => { found.forEach(addWorker) },
    async close () {
      isClosed = true
      await Promise.all([...workers.values()].flatMap(own => [...own]))
    }
  }
}

function resultOf (status: number | undefined): AttemptResult {
  if (status === undefined) return 'unreachable'
  // The receiver is permanently gone (RFC 9110, 15.5.11; Standard Webhooks).
  if (status === 410) return 'gone'
  return status >= 200 && status < 300 ? 'delivered' : 'refused'
}
