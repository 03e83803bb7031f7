import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import {
  createDocumentCheck, findPage, inTransaction, readDocuments, StoredDate, timeLimit,
  type AuditStore, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { clientNotFound, type Client, type ClientWithSecret } from '../domain/client.ts'

interface ClientDocument extends Omit<Client, 'id'> {
  _id: string
  /** When the client was deleted. The document is kept while one of its tokens may be valid, for the gateways. */
  endedAt?: Date
  keptUntil?: Date
}

/** Changes and their audit entries are written in one transaction. */
export interface ClientStore {
  insert: (client: Client, by: Actor) => Promise<void>
  find: (id: string) => Promise<Client | null>
  list: (query: ListQuery) => Promise<PageOf<Client>>
  /**
   * Replaces the secret of a client. Returns the result of `rotate`, which may run more than once.
   * Throws 404 `CLIENT_NOT_FOUND`.
   */
  rotateSecret: (id: string, rotate: (client: Client) => ClientWithSecret, by: Actor) => Promise<ClientWithSecret>
  /**
   * Deletes a client.
   * Throws 404 `CLIENT_NOT_FOUND`.
   * @param revocationTime the maximum lifetime of its tokens, in milliseconds.
   */
  delete: (id: string, revocationTime: number, by: Actor) => Promise<void>
}

export function createClientStore (
  db: Db, audits: AuditStore<AuditTarget>, onUnreadable: OnUnreadable
): ClientStore {
  const clients = db.collection<ClientDocument>('clients')
  const open = { endedAt: { $exists: false } } as const
  return {
    async insert ({ id, ...client }, by) {
      await inTransaction(db, async transaction => {
        await clients.insertOne({ _id: id, ...client }, { session: transaction, ...timeLimit })
        const entry = createAuditRecord(by, {
          at: client.createdAt, action: 'createClient', targetType: 'CLIENT' as const, targetId: id
        })
        await audits.insert(entry, transaction)
      })
    },
    async find (id) {
      const found = await clients.findOne({ _id: id, ...open }, timeLimit)
      return found === null ? null : toClient(found)
    },
    async list (query) {
      const { data, nextCursor } = await findPage(clients, open, query)
      return { data: readDocuments(data, toClient, onUnreadable), nextCursor }
    },
    async rotateSecret (id, rotate, by) {
      return await inTransaction(db, async transaction => {
        const options = { session: transaction, ...timeLimit }
        const found = await clients.findOne({ _id: id, ...open }, options)
        if (found === null) throw clientNotFound()
        const rotated = rotate(toClient(found))
        const { secretHash, oldSecret } = rotated.client
        await clients.updateOne({ _id: id }, { $set: { secretHash, oldSecret } }, options)
        const entry = createAuditRecord(by, {
          at: new Date(), action: 'rotateClientSecret', targetType: 'CLIENT' as const, targetId: id
        })
        await audits.insert(entry, transaction)
        return rotated
      })
    },
    async delete (id, revocationTime, by) {
      await inTransaction(db, async transaction => {
        const at = new Date()
        const change = { $set: { endedAt: at, keptUntil: new Date(at.getTime() + revocationTime) } }
        const options = { session: transaction, ...timeLimit }
        const { matchedCount } = await clients.updateOne({ _id: id, ...open }, change, options)
        if (matchedCount === 0) throw clientNotFound()
        const entry = createAuditRecord(by, { at, action: 'deleteClient', targetType: 'CLIENT' as const, targetId: id })
        await audits.insert(entry, transaction)
      })
    }
  }
}

const text = { type: 'string' }
const checkClient = createDocumentCheck('clients', {
  name: text, secretHash: text, createdBy: text, createdAt: StoredDate
})

/** Throws `UnreadableDocumentError` if the document is malformed. */
function toClient (document: ClientDocument): Client {
  checkClient(document)
  const { _id, endedAt, keptUntil, ...client } = document
  return { id: _id, ...client }
}
