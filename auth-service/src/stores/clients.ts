import { auditOf, type Actor } from '@laurel/shared/audit'
import { bounded, findPage, inTransaction, type AuditStore, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { clientNotFound, type Client } from '../domain/client.ts'

interface ClientDocument extends Omit<Client, 'id'> {
  _id: string
  /** When it was deleted: kept for as long as one of its tokens may live, and told to the gateways. */
  endedAt?: Date
  keptUntil?: Date
}

export interface ClientStore {
  insert: (client: Client, by: Actor) => Promise<void>
  find: (id: string) => Promise<Client | null>
  list: (query: ListQuery) => Promise<PageOf<Client>>
  /** @param tokenTime milliseconds that its tokens may live on. @throws {DomainError} 404. */
  remove: (id: string, tokenTime: number, by: Actor) => Promise<void>
}

export function createClientStore (db: Db, audits: AuditStore<AuditTarget>): ClientStore {
  const clients = db.collection<ClientDocument>('clients')
  const open = { endedAt: { $exists: false } }
  return {
    async insert ({ id, ...rest }, by) {
      await inTransaction(db, async transaction => {
        await clients.insertOne({ _id: id, ...rest }, { session: transaction, ...bounded })
        await audits.insert(auditOf(by, { at: rest.createdAt, action: 'createClient', targetType: 'CLIENT', targetId: id }), transaction)
      })
    },
    async find (id) {
      const found = await clients.findOne({ _id: id, ...open }, bounded)
      return found === null ? null : toClient(found)
    },
    async list (query) {
      const { data, nextCursor } = await findPage(clients, 'clients', open, query)
      return { data: data.map(toClient), nextCursor }
    },
    async remove (id, tokenTime, by) {
      await inTransaction(db, async transaction => {
        const at = new Date()
        const change = { $set: { endedAt: at, keptUntil: new Date(at.getTime() + tokenTime) } }
        const { matchedCount } = await clients.updateOne({ _id: id, ...open }, change, { session: transaction, ...bounded })
        if (matchedCount === 0) throw clientNotFound()
        await audits.insert(auditOf(by, { at, action: 'deleteClient', targetType: 'CLIENT', targetId: id }), transaction)
      })
    }
  }
}

function toClient ({ _id, endedAt, keptUntil, ...rest }: ClientDocument): Client {
  return { id: _id, ...rest }
}
