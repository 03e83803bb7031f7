import type { ClientSession, Db } from 'mongodb'
import type { AuditRecord } from '../audit.ts'
import { timeLimit } from './connect.ts'
import { findPage, type ListQuery, type PageOf } from './page.ts'

type AuditDocument<T extends string> = Omit<AuditRecord<T>, 'id' | 'at'> & { _id: string, createdAt: Date }

export interface AuditStore<T extends string> {
  /** Inserts an entry in the transaction of the change that it records, so that no change lacks its entry. */
  insert: (audit: AuditRecord<T>, transaction: ClientSession) => Promise<void>
  list: (query: ListQuery) => Promise<PageOf<AuditRecord<T>>>
}

/**
 * Returns the audit of a service. Its collection `audits` needs an index on `createdAt` and `_id`.
 * @param list names the list, so that its cursors are not valid for another one.
 */
export function createAuditStore<T extends string> (db: Db, list = 'audits'): AuditStore<T> {
  const audits = db.collection<AuditDocument<string>>('audits')
  return {
    async insert ({ id, at, ...rest }, transaction) {
      await audits.insertOne({ _id: id, createdAt: at, ...rest }, { session: transaction, ...timeLimit })
    },
    async list (query) {
      const { data, nextCursor } = await findPage(audits, list, {}, query)
      const entries = data.map(({ _id, createdAt, ...rest }) => ({ id: _id, at: createdAt, ...rest } as AuditRecord<T>))
      return { data: entries, nextCursor }
    }
  }
}
