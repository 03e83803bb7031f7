import { timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { User } from '../domain/user.ts'

interface DeletedUserDocument {
  _id: string
  /** Absent for a user who registered. */
  clientId?: string
}

/** Remembers the ids of deleted users. Histories keep these ids, and a new user must not inherit a history. */
export interface DeletedUserStore {
  remember: (user: Pick<User, 'id' | 'clientId'>, transaction: ClientSession) => Promise<void>
  /** Returns `true` if an id belonged to a user that did not belong to this machine client. */
  isForeign: (id: string, clientId: string, transaction: ClientSession) => Promise<boolean>
}

export function createDeletedUserStore (db: Db): DeletedUserStore {
  const deleted = db.collection<DeletedUserDocument>('deleted_users')
  return {
    async remember ({ id, clientId }, transaction) {
      const options = { upsert: true, session: transaction, ...timeLimit }
      await deleted.replaceOne({ _id: id }, clientId === undefined ? {} : { clientId }, options)
    },
    async isForeign (id, clientId, transaction) {
      const found = await deleted.findOne({ _id: id }, { session: transaction, ...timeLimit })
      return found !== null && found.clientId !== clientId
    }
  }
}
