import { bounded, findPage, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { Audit } from '../domain/audit.ts'

interface AuditDocument extends Omit<Audit, 'id' | 'at'> {
  _id: string
  createdAt: Date
}

export interface AuditStore {
  /** Part of the transaction that writes the act itself: there is no act without its row and no row without its act. */
  insert: (audit: Audit, transaction: ClientSession) => Promise<void>
  list: (query: ListQuery) => Promise<PageOf<Audit>>
}

export function createAuditStore (db: Db): AuditStore {
  const audits = db.collection<AuditDocument>('audits')
  return {
    async insert ({ id, at, ...rest }, transaction) {
      await audits.insertOne({ _id: id, createdAt: at, ...rest }, { session: transaction, ...bounded })
    },
    async list (query) {
      const { data, nextCursor } = await findPage(audits, 'audits', {}, query)
      return { data: data.map(({ _id, createdAt, ...rest }) => ({ id: _id, at: createdAt, ...rest })), nextCursor }
    }
  }
}
