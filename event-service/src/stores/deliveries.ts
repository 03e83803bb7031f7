import type { WebhookDeliveryStatus } from '@laurel/shared/contracts'
import { timeLimit, findPage, insertUnordered, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { Db, Filter } from 'mongodb'
import type { Delivery } from '../domain/webhook.ts'

/** MongoDB removes it some weeks after `createdAt`. */
interface DeliveryDocument extends Omit<Delivery, 'id'> {
  _id: string
}

export interface DeliveryStore {
  /** Writes those that are not there yet. */
  insert: (deliveries: readonly Delivery[]) => Promise<void>
  list: (webhookId: string, status: WebhookDeliveryStatus | undefined, query: ListQuery) => Promise<PageOf<Delivery>>
  /**
   * Takes the next delivery of a webhook that is due, for `lease` milliseconds: if the process dies, another one sends it
   * again afterwards. A delivery waits while an earlier one of its subject is PENDING. Returns `null` if none is due.
   */
  acquire: (webhookId: string, now: Date, lease: number) => Promise<Delivery | null>
  /** The receiver took it. */
  noteDelivered: (id: string, lastStatus: number) => Promise<void>
  /** The receiver did not take it. It is sent again at `nextAttemptAt`, or has FAILED if that is `undefined`. */
  noteRefused: (id: string, lastStatus: number | undefined, nextAttemptAt: Date | undefined) => Promise<void>
  /** All that is PENDING for a webhook has FAILED. */
  failAll: (webhookId: string) => Promise<void>
  /** Makes a delivery due at once. Returns `null` if the webhook has no such delivery. */
  restart: (id: string, webhookId: string, now: Date) => Promise<Delivery | null>
  removeAll: (webhookId: string) => Promise<void>
}

export function createDeliveryStore (db: Db): DeliveryStore {
  const deliveries = db.collection<DeliveryDocument>('deliveries')

  /** Lets one that was taken wait for an earlier one of its subject. Returns whether there is one. */
  async function waitsForEarlier ({ _id, webhookId, subject, order }: DeliveryDocument, now: Date): Promise<boolean> {
    const filter: Filter<DeliveryDocument> = { webhookId, subject, status: 'PENDING', order: { $lt: order } }
    const earlier = await deliveries.findOne(filter, { sort: { order: 1 }, ...timeLimit })
    if (earlier === null) return false
    const { nextAttemptAt = now } = earlier
    const after = new Date(Math.max(nextAttemptAt.getTime(), now.getTime()) + 100)
    await deliveries.updateOne({ _id }, { $set: { nextAttemptAt: after }, $inc: { attempts: -1 } }, timeLimit)
    return true
  }

  return {
    async insert (given) {
      const rows = given.map(({ id, ...rest }): DeliveryDocument => ({ _id: id, ...rest }))
      if (rows.length > 0) await insertUnordered(deliveries, rows)
    },
    async list (webhookId, status, query) {
      const filter: Filter<DeliveryDocument> = { webhookId, ...(status === undefined ? {} : { status }) }
      const { data, nextCursor } = await findPage(deliveries, JSON.stringify(['deliveries', webhookId, status]), filter, query)
      return { data: data.map(toDelivery), nextCursor }
    },
    async acquire (webhookId, now, lease) {
      const due: Filter<DeliveryDocument> = { webhookId, status: 'PENDING', nextAttemptAt: { $lte: now } }
      const taken = { $set: { nextAttemptAt: new Date(now.getTime() + lease) }, $inc: { attempts: 1 } }
      while (true) {
        const found = await deliveries.findOneAndUpdate(due, taken, {
          sort: { nextAttemptAt: 1 }, returnDocument: 'after', ...timeLimit
        })
        if (found === null) return null
        if (!await waitsForEarlier(found, now)) return toDelivery(found)
      }
    },
    async noteDelivered (id, lastStatus) {
      await deliveries.updateOne({ _id: id }, {
        $set: { status: 'DELIVERED', lastStatus }, $unset: { nextAttemptAt: '' }
      }, timeLimit)
    },
    async noteRefused (id, lastStatus, nextAttemptAt) {
      const outcome = nextAttemptAt === undefined ? { status: 'FAILED' as const } : { nextAttemptAt }
      await deliveries.updateOne({ _id: id, status: 'PENDING' }, {
        $set: { ...outcome, ...(lastStatus === undefined ? {} : { lastStatus }) },
        ...(nextAttemptAt === undefined ? { $unset: { nextAttemptAt: '' as const } } : {})
      }, timeLimit)
    },
    async failAll (webhookId) {
      await deliveries.updateMany({ webhookId, status: 'PENDING' }, {
        $set: { status: 'FAILED' }, $unset: { nextAttemptAt: '' }
      }, timeLimit)
    },
    async restart (id, webhookId, now) {
      const found = await deliveries.findOneAndUpdate({ _id: id, webhookId }, {
        $set: { status: 'PENDING', nextAttemptAt: now, attempts: 0 }
      }, { returnDocument: 'after', ...timeLimit })
      return found === null ? null : toDelivery(found)
    },
    async removeAll (webhookId) {
      await deliveries.deleteMany({ webhookId }, timeLimit)
    }
  }
}

function toDelivery ({ _id, ...rest }: DeliveryDocument): Delivery {
  return { id: _id, ...rest }
}
