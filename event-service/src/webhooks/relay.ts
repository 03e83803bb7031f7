import { Failed, isolate } from '../batch.ts'
import { newDelivery, type Delivery, type Message, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'

/** Rows with outbox entries, such as the claims. */
export interface Outbox {
  /** Returns the messages of the rows with the oldest entries. */
  readonly read: (limit: number) => Promise<RelayBatch>
}

export interface RelayBatch {
  /** The messages of each row, in their order. `Failed` if the row cannot be read. */
  readonly messages: ReadonlyArray<readonly Message[] | Failed>
  /** Removes the entries that were read. */
  readonly forget: () => Promise<void>
}

export interface RelayOptions {
  readonly deliveries: Pick<DeliveryStore, 'insert'>
  readonly outboxes: readonly Outbox[]
  readonly findWebhooks: () => Promise<readonly Webhook[]>
  readonly log: { readonly warn: (error: unknown, message: string) => void }
}

/** Converts outbox entries to deliveries. Resolves to `true` if there may be more entries. */
export type Relay = () => Promise<boolean>

/** The number of rows that one round reads from each outbox. */
const maxRows = 200

/**
 * Creates the relay. Several processes may relay the same entries, because the id of a delivery is derived from its
 * message: creating it again has no effect. If a process dies, its entries remain and are relayed again.
 */
export function createRelay ({ deliveries, outboxes, findWebhooks, log }: RelayOptions): Relay {
  async function relay (outbox: Outbox): Promise<boolean> {
    const { messages, forget } = await outbox.read(maxRows)
    if (messages.length === 0) return false
    // Read after the entries, so that the list contains every webhook that subscribed to one of these messages.
    const webhooks = await findWebhooks()
    const now = new Date()
    await deliveries.insert(messages.flatMap(own => {
      if (!(own instanceof Failed)) return deliveriesOf(own, webhooks, now)
      log.warn(own.error, 'A document cannot be read; no webhook message is sent for it')
      return []
    }))
    await forget()
    return messages.length === maxRows
  }

  return async () => (await Promise.all(outboxes.map(relay))).some(hasMore => hasMore)
}

function deliveriesOf (messages: readonly Message[], webhooks: readonly Webhook[], now: Date): Delivery[] {
  return messages.flatMap(message => webhooks
    .filter(({ types }) => types.includes(message.type))
    .map(({ id }) => newDelivery(message, id, now)))
}

interface OutboxOf<D> {
  readonly read: (limit: number) => Promise<readonly D[]>
  readonly forget: (rows: readonly D[]) => Promise<void>
}

/** Returns the outbox of a collection. @param messagesOf may throw if a row is damaged. */
export function outboxFrom<D> ({ read, forget }: OutboxOf<D>, messagesOf: (row: D) => Message[]): Outbox {
  return {
    async read (limit) {
      const rows = await read(limit)
      return {
        messages: rows.map(row => isolate(() => messagesOf(row))),
        forget: async () => { await forget(rows) }
      }
    }
  }
}
