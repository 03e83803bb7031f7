import type { WebhookDeliveryStatus } from '@laurel/shared/contracts'
import {
  findPage, insertUnordered, inTransaction, timeLimit, type AuditStore, type ListQuery, type PageOf
} from '@laurel/shared/mongo'
import type { Db, Filter, UpdateFilter } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import type { Delivery } from '../domain/webhook.ts'

/** A stored delivery. MongoDB removes it 30 days after `createdAt`. The shard key is `webhookId`. */
interface DeliveryDocument extends Omit<Delivery, 'id'> {
  _id: string
  /** Set while it is waiting for an earlier delivery of its subject. */
  waits?: true
}

/** The response of the receiver, and the resulting status. */
export interface AttemptOutcome {
  readonly status: WebhookDeliveryStatus
  /** The HTTP status, if there was a response. */
  readonly lastStatus: number | undefined
  /** The time of the next attempt, if the status is PENDING. */
  readonly nextAttemptAt?: Date | undefined
}

export interface DeliveryStore {
  /** Inserts the deliveries that do not exist yet. */
  insert: (deliveries: readonly Delivery[]) => Promise<void>
  list: (webhookId: string, status: WebhookDeliveryStatus | undefined, query: ListQuery) => Promise<PageOf<Delivery>>
  /**
   * Leases the next due delivery of a webhook for `lease` milliseconds. If the process dies, another one sends the
   * delivery after that time. A delivery waits while an earlier one of its subject is PENDING. Returns `null` if none
   * is due.
   */
  acquire: (webhookId: string, now: Date, lease: number) => Promise<Delivery | null>
  /** Stores the outcome of an attempt. If it is final, the next delivery of the subject becomes due. */
  recordOutcome: (delivery: Delivery, outcome: AttemptOutcome, now: Date) => Promise<void>
  /** Sets all PENDING deliveries of a webhook to FAILED. */
  failAll: (webhookId: string) => Promise<void>
  /** Makes a delivery due now and stores the audit entry. Returns `null` if the webhook has no such delivery. */
  restart: (id: string, webhookId: string, now: Date, audit: Audit) => Promise<Delivery | null>
  removeAll: (webhookId: string) => Promise<void>
  /** Returns since when the oldest delivery of a webhook has been due, or `undefined` if none is. */
  dueSince: (webhookId: string, now: Date) => Promise<Date | undefined>
}

/** The index for due deliveries: `webhook_due`. */
const dueIndex = { webhookId: 1, nextAttemptAt: 1 } as const
/** How long after an earlier delivery of the subject a delivery is retried, in milliseconds. */
const afterEarlier = 100

export function createDeliveryStore (db: Db, audits: AuditStore<AuditTarget>): DeliveryStore {
  const deliveries = db.collection<DeliveryDocument>('deliveries')

  async function findEarlier ({ webhookId, subject, order }: DeliveryDocument): Promise<DeliveryDocument | null> {
    const filter: Filter<DeliveryDocument> = { webhookId, subject, order: { $lt: order }, status: 'PENDING' }
    return await deliveries.findOne(filter, { sort: { order: -1 }, hint: 'webhook_subject', ...timeLimit })
  }

  /** Lets a leased delivery wait for an earlier one of its subject. Returns `true` if there is one. */
  async function waitsForEarlier (leased: DeliveryDocument, now: Date): Promise<boolean> {
    const earlier = await findEarlier(leased)
    if (earlier === null) return false
    const own: Filter<DeliveryDocument> = { _id: leased._id, webhookId: leased.webhookId, status: 'PENDING' }
    const { nextAttemptAt = now } = earlier
    const after = new Date(Math.max(nextAttemptAt.getTime(), now.getTime()) + afterEarlier)
    await deliveries.updateOne(own, { $set: { nextAttemptAt: after, waits: true }, $inc: { attempts: -1 } }, timeLimit)
    // The outcome of the earlier delivery may have been stored before this one started to wait for it.
    if (await findEarlier(leased) === null) {
      await deliveries.updateOne({ ...own, waits: true }, { $min: { nextAttemptAt: now } }, timeLimit)
    }
    return true
  }

  return {
    async insert (given) {
      const documents = given.map(({ id, ...rest }): DeliveryDocument => ({ _id: id, ...rest }))
      if (documents.length > 0) await insertUnordered(deliveries, documents)
    },
    async list (webhookId, status, query) {
      const filter: Filter<DeliveryDocument> = { webhookId, ...(status === undefined ? {} : { status }) }
      const { data, nextCursor } = await findPage(deliveries, filter, query)
      return { data: data.map(toDelivery), nextCursor }
    },
    async acquire (webhookId, now, lease) {
      const due: Filter<DeliveryDocument> = { webhookId, nextAttemptAt: { $lte: now } }
      const leased: UpdateFilter<DeliveryDocument> = {
        $set: { nextAttemptAt: new Date(now.getTime() + lease) }, $unset: { waits: true }, $inc: { attempts: 1 }
      }
      const options = { sort: { nextAttemptAt: 1 }, hint: dueIndex, returnDocument: 'after', ...timeLimit } as const
      while (true) {
        const found = await deliveries.findOneAndUpdate(due, leased, options)
        if (found === null) return null
        if (!await waitsForEarlier(found, now)) return toDelivery(found)
      }
    },
    async recordOutcome ({ id, webhookId, subject, order }, { status, lastStatus, nextAttemptAt }, now) {
      const isFinal = status !== 'PENDING'
      const change: UpdateFilter<DeliveryDocument> = {
        $set: {
          status,
          ...(lastStatus === undefined ? {} : { lastStatus }),
          ...(nextAttemptAt === undefined ? {} : { nextAttemptAt })
        },
        ...(isFinal ? { $unset: { nextAttemptAt: '' } } : { $inc: { failures: 1 } })
      }
      // Another process may have sent the delivery again and stored its outcome, so a failure applies only to a PENDING
      // delivery. A success always applies.
      const own = { _id: id, webhookId, ...(status === 'DELIVERED' ? {} : { status: 'PENDING' as const }) }
      const next = { webhookId, subject, order: { $gt: order }, waits: true as const }
      await deliveries.bulkWrite([
        { updateOne: { filter: own, update: change } },
        ...(isFinal ? [{ updateMany: { filter: next, update: { $min: { nextAttemptAt: now } } } }] : [])
      ], timeLimit)
    },
    async failAll (webhookId) {
      const change = { $set: { status: 'FAILED' as const }, $unset: { nextAttemptAt: '' as const } }
      await deliveries.updateMany({ webhookId, status: 'PENDING' }, change, timeLimit)
    },
    restart: async (id, webhookId, now, audit) => await inTransaction(db, async session => {
      const change = { $set: { status: 'PENDING' as const, nextAttemptAt: now, failures: 0 } }
      const options = { returnDocument: 'after', session, ...timeLimit } as const
      const found = await deliveries.findOneAndUpdate({ _id: id, webhookId }, change, options)
      if (found === null) return null
      await audits.insert(audit, session)
      return toDelivery(found)
    }),
    async removeAll (webhookId) {
      await deliveries.deleteMany({ webhookId }, timeLimit)
    },
    async dueSince (webhookId, now) {
      const filter: Filter<DeliveryDocument> = { webhookId, nextAttemptAt: { $lte: now } }
      const first = { sort: { nextAttemptAt: 1 }, hint: dueIndex, ...timeLimit } as const
      return (await deliveries.findOne(filter, { ...first, projection: { nextAttemptAt: 1 } }))?.nextAttemptAt
    }
  }
}

function toDelivery ({ _id, waits, ...rest }: DeliveryDocument): Delivery {
  return { id: _id, ...rest }
}
