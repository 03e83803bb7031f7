import { newDelivery, type Message, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { WebhookStore } from '../stores/webhooks.ts'

/** Rows that note in themselves what happened to them, in the write that changed them. */
export interface Outbox {
  /** Returns the oldest messages that are noted, with what takes their notes away again. */
  readonly read: (limit: number) => Promise<readonly Noted[]>
}

export interface Noted {
  readonly messages: readonly Message[]
  readonly forget: () => Promise<void>
}

export interface RelayOptions {
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  readonly outboxes: readonly Outbox[]
}

/** Rows that one round reads from each outbox. */
const maxRows = 200

/**
 * Returns a function that turns everything that is noted into deliveries, and resolves to how many rows it found. A process
 * that dies in between leaves the notes, and a delivery that is made twice is one: its id says what it is about.
 */
export function createRelay ({ webhooks, deliveries, outboxes }: RelayOptions): () => Promise<number> {
  return async () => {
    const noted = (await Promise.all(outboxes.map(async ({ read }) => await read(maxRows)))).flat()
    if (noted.length === 0) return 0
    // Read after the notes: whoever wanted a message when it was noted is among them.
    const receivers = await webhooks.findActive()
    const now = new Date()
    await deliveries.insert(noted.flatMap(({ messages }) => messages.flatMap(message => deliveriesOf(message, receivers, now))))
    await Promise.all(noted.map(async ({ forget }) => { await forget() }))
    return noted.length
  }
}

function deliveriesOf (message: Message, receivers: readonly Webhook[], now: Date) {
  return receivers.filter(({ types }) => types.includes(message.type)).map(({ id }) => newDelivery(message, id, now))
}
