import { inTransaction, isDuplicateKeyError, timeLimit } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import { emailTaken, type ClientUser, type User } from '../domain/user.ts'
import type { DeletedEmailStore } from './deleted-emails.ts'
import type { DeletedUserStore } from './deleted-users.ts'
import type { ErasureStore } from './erasures.ts'
import { newUserDocument, usableAdmins, type UserDocument } from './user-document.ts'

/** Inserts users. */
export interface NewUserStore {
  /**
   * Inserts a user, without the inviter if the address belonged to an account that was deleted recently.
   * Throws 409 `EMAIL_TAKEN`.
   */
  insert: (user: User) => Promise<void>
  /**
   * Inserts the first ADMIN. Returns `false` if there is an ADMIN who can log in.
   * Throws 409 `EMAIL_TAKEN`.
   */
  insertFirstAdmin: (user: User) => Promise<boolean>
  insertClientUser: (user: ClientUser) => Promise<ClientUserInsertion>
}

/**
 * The outcome for a user of a machine client.
 * `exists`: the id belongs to a user or a machine client, or belonged to a deleted user of another client or without a
 * client.
 * `being-erased`: event-service has yet to erase the previous user with this id, and would also erase the new one.
 */
export type ClientUserInsertion = 'inserted' | 'exists' | 'being-erased'

/** The deleted accounts, whose data new users must not inherit. */
export interface DeletedAccounts {
  readonly deletedEmails: DeletedEmailStore
  readonly deletedUsers: DeletedUserStore
  readonly erasures: ErasureStore
}

export function createNewUserStore (db: Db, { deletedEmails, deletedUsers, erasures }: DeletedAccounts): NewUserStore {
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
      if (await users.findOne(usableAdmins, options) !== null) return false
      await insertOne(user, transaction)
      return true
    }),
    async insertClientUser (user) {
      try {
        return await inTransaction(db, async transaction => {
          const options = { session: transaction, ...timeLimit }
          if (await deletedUsers.isForeign(user.id, user.clientId, transaction)) return 'exists'
          if (await erasures.pendingSince(user.id, transaction) !== null) return 'being-erased'
          // The `sub` of a token is the id of a user or of a client. Limits and histories do not distinguish them.
          if (await clients.findOne({ _id: user.id }, options) !== null) return 'exists'
          await users.insertOne(newUserDocument(user), options)
          return 'inserted'
        })
      } catch (error) {
        if (isDuplicateKeyError(error)) return 'exists'
        throw error
      }
    }
  }
}
