import type { WebhookType } from '@laurel/shared/contracts'
import { findPage, inTransaction, timeLimit, type AuditStore, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import { webhookNotFound, type Webhook } from '../domain/webhook.ts'
import type { SettingsStore } from './settings.ts'

interface WebhookDocument extends Omit<Webhook, 'id' | 'types'> {
  _id: string
  types: WebhookType[]
}

/** Each change also stores its audit entry and the resulting subscribed types, in the same transaction. */
export interface WebhookStore {
  insert: (webhook: Webhook, audit: Audit) => Promise<void>
  /** Throws 404 `WEBHOOK_NOT_FOUND`. */
  get: (id: string) => Promise<Webhook>
  list: (query: ListQuery) => Promise<PageOf<Webhook>>
  /** Returns the webhooks that are not disabled. */
  findActive: () => Promise<Webhook[]>
  /** Throws 404 `WEBHOOK_NOT_FOUND`. */
  remove: (id: string, audit: Audit) => Promise<void>
  /** Disables a webhook. The receiver requested this, so there is no audit entry. */
  disable: (id: string, at: Date) => Promise<void>
}

export function createWebhookStore (db: Db, settings: SettingsStore, audits: AuditStore<AuditTarget>): WebhookStore {
  const webhooks = db.collection<WebhookDocument>('webhooks')
  const active = { disabledAt: { $exists: false } }

  async function storeWantedTypes (session: ClientSession): Promise<void> {
    const found = await webhooks.find(active, { projection: { types: 1 }, session, ...timeLimit }).toArray()
    await settings.setWantedTypes([...new Set(found.flatMap(({ types }) => types))].sort(), session)
  }

  return {
    async insert ({ id, types, ...rest }, audit) {
      await inTransaction(db, async session => {
        await webhooks.insertOne({ _id: id, types: [...types], ...rest }, { session, ...timeLimit })
        await storeWantedTypes(session)
        await audits.insert(audit, session)
      })
    },
    async get (id) {
      const found = await webhooks.findOne({ _id: id }, timeLimit)
      if (found === null) throw webhookNotFound()
      return toWebhook(found)
    },
    async list (query) {
      const { data, nextCursor } = await findPage(webhooks, {}, query)
      return { data: data.map(toWebhook), nextCursor }
    },
    async findActive () {
      return (await webhooks.find(active, timeLimit).toArray()).map(toWebhook)
    },
    async remove (id, audit) {
      await inTransaction(db, async session => {
        const { deletedCount } = await webhooks.deleteOne({ _id: id }, { session, ...timeLimit })
        if (deletedCount === 0) throw webhookNotFound()
        await storeWantedTypes(session)
        await audits.insert(audit, session)
      })
    },
    async disable (id, at) {
      await inTransaction(db, async session => {
        await webhooks.updateOne({ _id: id, ...active }, { $set: { disabledAt: at } }, { session, ...timeLimit })
        await storeWantedTypes(session)
      })
    }
  }
}

function toWebhook ({ _id, ...rest }: WebhookDocument): Webhook {
  return { id: _id, ...rest }
}
