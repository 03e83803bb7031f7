import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import { timeLimit, inTransaction, type AuditStore } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import { lastAdmin, type AccountChange } from '../domain/account-change.ts'
import type { AuditTarget } from '../domain/audit.ts'
import type { Session } from '../domain/session.ts'
import { userNotFound, type User } from '../domain/user.ts'
import type { DeletedEmailStore } from './deleted-emails.ts'
import type { DeletedUserStore } from './deleted-users.ts'
import type { ErasureStore } from './erasures.ts'
import type { SessionStore } from './sessions.ts'
import { toUser, usableAdmins, type UserDocument } from './user-document.ts'

export interface AccountOperation<After extends User | null> {
  /** The name of the operation in the audit entry. */
  readonly action: string
  readonly by: Actor
  /** Decides based on the stored account. It may run more than once. Its errors are passed to the caller. */
  readonly decide: (user: User, at: Date) => AccountChange<After>
  /** The session that continues; all others end. */
  readonly keptSession?: string
}

/** Changes and deletes accounts. */
export interface AccountStore {
  /**
   * Changes an account, ends its sessions and writes an audit entry, all in one transaction. Does nothing if the
   * account does not change. Returns the account after the change, or `null` if it was deleted.
   * Throws 404 `USER_NOT_FOUND`, 409 `LAST_ADMIN`, or 503 if another change takes too long.
   */
  change: <After extends User | null>(id: string, operation: AccountOperation<After>) => Promise<After>
  /** Ends a session whose refresh token was reused, and writes an audit entry, unless the session has ended already. */
  endStolenSession: (session: Pick<Session, 'id' | 'userId'>, requestId: string) => Promise<void>
}

export interface AccountStoreDependencies {
  readonly sessions: SessionStore
  readonly audits: AuditStore<AuditTarget>
  readonly deletedEmails: DeletedEmailStore
  readonly deletedUsers: DeletedUserStore
  readonly erasures: ErasureStore
}

export function createAccountStore (db: Db, dependencies: AccountStoreDependencies): AccountStore {
  const { sessions, audits, deletedEmails, deletedUsers, erasures } = dependencies
  const users = db.collection<UserDocument>('users')
  const guards = db.collection<{ _id: string, changes: number }>('guards')

  async function requireOtherAdmin (id: string, transaction: ClientSession): Promise<void> {
    const options = { session: transaction, ...timeLimit }
    // Two ADMINs who demote each other update different users. Both write this document, so one of them has to retry.
    await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { upsert: true, ...options })
    const other = await users.findOne({ ...usableAdmins, _id: { $ne: id } }, options)
    if (other === null) throw lastAdmin()
  }

  async function write (before: User, user: User | null, at: Date, transaction: ClientSession): Promise<void> {
    if (user === null) {
      await users.deleteOne({ _id: before.id }, { session: transaction, ...timeLimit })
      await deletedUsers.remember(before, transaction)
      if (before.email !== null) await deletedEmails.remember(before.email, at, transaction)
    } else {
      const { id, ...fields } = user
      await users.updateOne({ _id: id }, { $set: fields }, { session: transaction, ...timeLimit })
    }
  }

  return {
    change: async (id, { action, by, decide, keptSession }) => await inTransaction(db, async transaction => {
      const found = await users.findOne({ _id: id }, { session: transaction, ...timeLimit })
      if (found === null) throw userNotFound()
      const before = toUser(found)
      const at = new Date()
      const { user, removesAdmin, isErasure = false, audited } = decide(before, at)
      if (user === before) return user
      if (removesAdmin) await requireOtherAdmin(id, transaction)
      await write(before, user, at, transaction)
      await sessions.endAll(id, at, transaction, keptSession)
      if (isErasure) {
        await sessions.clearOutboxes(id, transaction)
        await erasures.insert(id, at, transaction)
      }
      const entry = createAuditRecord(by, { at, action, targetType: 'USER', targetId: id, ...audited })
      await audits.insert(entry, transaction)
      return user
    }),
    async endStolenSession ({ id: sessionId, userId }, requestId) {
      await inTransaction(db, async transaction => {
        const at = new Date()
        if (!await sessions.end(sessionId, at, userId, transaction)) return
        const user = await users.findOne({ _id: userId }, { session: transaction, ...timeLimit })
        const by: Actor = { id: userId, role: user?.role ?? 'USER', requestId }
        const entry = createAuditRecord(by, {
          at, action: 'refreshTokenReused', targetType: 'USER' as const, targetId: userId, after: { sessionId }
        })
        await audits.insert(entry, transaction)
      })
    }
  }
}
