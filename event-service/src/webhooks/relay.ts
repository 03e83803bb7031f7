import { Failed } from '../batch.ts'
import { newDelivery, type Delivery, type Message, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { OutboxBatch } from '../stores/outbox.ts'
import type { WarningLog } from '../warning-log.ts'

/** Reads at most `limit` documents of an outbox, such as the outbox of the claims. */
export type ReadOutbox = (limit: number) => Promise<OutboxBatch>

export interface RelayOptions {
  readonly deliveries: Pick<DeliveryStore, 'insert'>
  readonly outboxes: readonly ReadOutbox[]
  readonly findWebhooks: () => Promise<readonly Webhook[]>
  readonly log: WarningLog
}

/** Converts outbox entries to deliveries. Resolves to `true` if there may be more entries. */
export type Relay = () => Promise<boolean>

/** The maximum number of documents that one round reads from each outbox. */
const maxDocuments = 200

/**
 * Creates the relay. Several processes may relay the same entries, because the id of a delivery is derived from its
 * message: creating it again has no effect. If a process dies, its entries remain and are relayed again.
 */
export function createRelay ({ deliveries, outboxes, findWebhooks, log }: RelayOptions): Relay {
  async function relay (readOutbox: ReadOutbox): Promise<boolean> {
    const { messages, remove } = await readOutbox(maxDocuments)
    if (messages.length === 0) return false
    // Read after the entries, so that the list contains every webhook that subscribed to one of these messages.
    const webhooks = await findWebhooks()
    const now = new Date()
    await deliveries.insert(messages.flatMap(own => {
      if (!(own instanceof Failed)) return deliveriesOf(own, webhooks, now)
      log.warn({ err: own.error }, 'a document cannot be read; no webhook message is sent for it')
      return []
    }))
    await remove()
    return messages.length === maxDocuments
  }

  return async () => (await Promise.all(outboxes.map(relay))).some(hasMore => hasMore)
}

function deliveriesOf (messages: readonly Message[], webhooks: readonly Webhook[], now: Date): Delivery[] {
  return messages.flatMap(message => webhooks
    .filter(({ types }) => types.includes(message.type))
    .map(({ id }) => newDelivery(message, id, now)))
}
