import { timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import { hashEmail } from '../domain/user.ts'

interface DeletedEmailDocument {
  _id: string
  expiresAt: Date
}

/** In milliseconds: 90 days. */
const memory = 90 * 24 * 3_600_000

/** Remembers the hashes of the addresses of deleted accounts, so that no address counts twice as invited. */
export interface DeletedEmailStore {
  remember: (email: string, at: Date, transaction: ClientSession) => Promise<void>
  isRemembered: (email: string, at: Date, transaction: ClientSession) => Promise<boolean>
}

export function createDeletedEmailStore (db: Db): DeletedEmailStore {
  const emails = db.collection<DeletedEmailDocument>('deleted_emails')
  return {
    async remember (email, at, transaction) {
      const expiresAt = new Date(at.getTime() + memory)
      const options = { upsert: true, session: transaction, ...timeLimit }
      await emails.updateOne({ _id: hashEmail(email) }, { $set: { expiresAt } }, options)
    },
    async isRemembered (email, at, transaction) {
      const filter = { _id: hashEmail(email), expiresAt: { $gt: at } }
      return await emails.findOne(filter, { session: transaction, ...timeLimit }) !== null
    }
  }
}
