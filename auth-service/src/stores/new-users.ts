import { inTransaction, isDuplicateKeyError, timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import { emailTaken, type User } from '../domain/user.ts'
import type { DeletedEmailStore } from './deleted-emails.ts'
import type { DeletedUserStore } from './deleted-users.ts'
import { newUserDocument, type UserDocument } from './user-document.ts'

/** Inserts users. */
export interface NewUserStore {
  /**
   * Inserts a user, without the inviter if the address belonged to an account that was deleted recently.
   * @throws {DomainError} 409 `EMAIL_TAKEN`.
   */
  insert: (user: User) => Promise<void>
  /**
   * Inserts the first ADMIN. Returns false if there is an ADMIN already.
   * @throws {DomainError} 409 `EMAIL_TAKEN`.
   */
  insertFirstAdmin: (user: User) => Promise<boolean>
  /**
   * Inserts a user of a machine client. Returns `false` if the id belongs to a user or a machine client, or belonged to
   * a deleted user of another client or without a client.
   */
  insertClientUser: (user: User & { readonly clientId: string }) => Promise<boolean>
}

/** The deleted accounts, whose data new users must not inherit. */
export interface DeletedAccounts {
  readonly deletedEmails: DeletedEmailStore
  readonly deletedUsers: DeletedUserStore
}

export function createNewUserStore (db: Db, { deletedEmails, deletedUsers }: DeletedAccounts): NewUserStore {
  const users = db.collection<UserDocument>('users')
  const clients = db.collection<{ _id: string }>('clients')
  const guards = db.collection<{ _id: string, changes: number }>('guards')

  async function insertOne (user: User, transaction?: ClientSession): Promise<void> {
    const options = { ...timeLimit, ...(transaction === undefined ? {} : { session: transaction }) }
    try {
      await users.insertOne(newUserDocument(user), options)
    } catch (error) {
      throw isDuplicateKeyError(error) ? emailTaken() : error
    }
  }

  return {
    async insert (user) {
      if (user.invitedBy === null) {
        await insertOne(user)
        return
      }
      await inTransaction(db, async transaction => {
        const isRemembered = user.email !== null &&
          await deletedEmails.isRemembered(user.email, user.createdAt, transaction)
        await insertOne({ ...user, invitedBy: isRemembered ? null : user.invitedBy }, transaction)
      })
    },
    insertFirstAdmin: async user => await inTransaction(db, async transaction => {
      const options = { session: transaction, ...timeLimit }
      // Every start writes this document. If several processes start at the same time, all except one retry and see the
      // ADMIN.
      await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { upsert: true, ...options })
      if (await users.findOne({ role: 'ADMIN' }, options) !== null) return false
      await insertOne(user, transaction)
      return true
    }),
    async insertClientUser (user) {
      try {
        return await inTransaction(db, async transaction => {
          const options = { session: transaction, ...timeLimit }
          if (await deletedUsers.isForeign(user.id, user.clientId, transaction)) return false
          // The `sub` of a token is the id of a user or of a client. Limits and histories do not distinguish them.
          if (await clients.findOne({ _id: user.id }, options) !== null) return false
          await users.insertOne(newUserDocument(user), options)
          return true
        })
      } catch (error) {
        if (isDuplicateKeyError(error)) return false
        throw error
      }
    }
  }
}
