import type { ClientSession, Db } from 'mongodb'
import type { AuditRecord } from '../audit.ts'
import { timeLimit } from './connect.ts'
import { findPage, type ListQuery, type PageOf } from './page.ts'
import { createDocumentCheck, readDocuments, StoredDate, type OnUnreadable } from './documents.ts'

type AuditDocument<T extends string> = Omit<AuditRecord<T>, 'id' | 'at'> & { _id: string, createdAt: Date }

export interface AuditStore<T extends string> {
  /** Inserts an entry in the transaction of the change that it records, so that every change has an entry. */
  insert: (audit: AuditRecord<T>, transaction: ClientSession) => Promise<void>
  list: (query: ListQuery) => Promise<PageOf<AuditRecord<T>>>
}

/**
 * Returns the audit of a service. Its collection `audits` needs an index on `createdAt` and `_id`.
 * @param onUnreadable is called for each document that a list omits.
 */
export function createAuditStore<T extends string> (db: Db, onUnreadable: OnUnreadable): AuditStore<T> {
  const audits = db.collection<AuditDocument<string>>('audits')
  return {
    async insert ({ id, at, ...rest }, transaction) {
      await audits.insertOne({ _id: id, createdAt: at, ...rest }, { session: transaction, ...timeLimit })
    },
    async list (query) {
      const { data, nextCursor } = await findPage(audits, {}, query)
      return { data: readDocuments(data, toAudit<T>, onUnreadable), nextCursor }
    }
  }
}

const text = { type: 'string' }
const checkAudit = createDocumentCheck('audits', {
  createdAt: StoredDate, actorId: text, role: text, action: text, targetType: text, targetId: text, requestId: text
}, { before: { type: 'object' }, after: { type: 'object' }, note: text })

function toAudit<T extends string> (document: AuditDocument<string>): AuditRecord<T> {
  checkAudit(document)
  const { _id, createdAt, ...rest } = document
  return { id: _id, at: createdAt, ...rest } as AuditRecord<T>
}
