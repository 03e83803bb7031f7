import { bounded } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { Client } from '../domain/client.ts'

export interface ClientStore {
  insert: (client: Client) => Promise<void>
  find: (id: string) => Promise<Client | null>
}

export function createClientStore (db: Db): ClientStore {
  const clients = db.collection<Omit<Client, 'id'> & { _id: string }>('clients')
  return {
    async insert ({ id, ...rest }) {
      await clients.insertOne({ _id: id, ...rest }, bounded)
    },
    async find (id) {
      const found = await clients.findOne({ _id: id }, bounded)
      if (found === null) return null
      const { _id, ...rest } = found
      return { id: _id, ...rest }
    }
  }
}
