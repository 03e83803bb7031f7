import { auditOf, type Actor } from '@laurel/shared/audit'
import { DomainError } from '@laurel/shared/errors'
import { bounded, inTransaction, type AuditStore } from '@laurel/shared/mongo'
import type { ClientSession, Db, Filter } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { changeAccount, givesUpAdmin, invalidCredentials, userNotFound, type AccountPatch, type User } from '../domain/user.ts'
import type { SessionStore } from './sessions.ts'
import { staleUser, toUser, type UserDocument } from './users.ts'

/**
 * What changes who may do what. Each is one transaction: the account, the end of its sessions and the row of the audit come
 * together or not at all.
 */
export interface AccountStore {
  /**
   * Gives a user another role or status and ends all sessions, also where nothing changes.
   * @param isCurrent whether the caller has seen this version.
   * @throws {DomainError} 404 · 409 `LAST_ADMIN` · 412.
   */
  change: (id: string, patch: AccountPatch, isCurrent: (version: number) => boolean, by: Actor) => Promise<User>
  /**
   * Ends all sessions but `sessionId`.
   * @param seen the account whose password was compared.
   * @throws {DomainError} 401 where it has another password meanwhile, or is gone.
   */
  changePassword: (seen: User, passwordHash: string, sessionId: string, by: Actor) => Promise<void>
  /** Erases the account. @throws {DomainError} 404 · 409 `LAST_ADMIN`. */
  remove: (user: User, by: Actor) => Promise<void>
}

export function createAccountStore (db: Db, sessions: SessionStore, audits: AuditStore<AuditTarget>): AccountStore {
  const users = db.collection<UserDocument>('users')
  const guards = db.collection<{ _id: string, changes: number }>('guards')

  async function keepAnAdmin (id: string, transaction: ClientSession): Promise<void> {
    // Two admins who demote each other read different users; this one document makes them meet.
    await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { session: transaction, upsert: true, ...bounded })
    const other = await users.findOne({ role: 'ADMIN', status: 'ACTIVE', _id: { $ne: id } }, { session: transaction, ...bounded })
    if (other === null) throw new DomainError('conflict', 'LAST_ADMIN', 'The last ADMIN stays one')
  }

  return {
    change: async (id, patch, isCurrent, by) => await inTransaction(db, async transaction => {
      const found = await users.findOne({ _id: id }, { session: transaction, ...bounded })
      if (found === null) throw userNotFound()
      const before = toUser(found)
      if (!isCurrent(before.version)) throw staleUser()
      const after = changeAccount(before, patch)
      const at = new Date()
      if (after !== before) {
        if (givesUpAdmin(before, after)) await keepAnAdmin(id, transaction)
        const { role, status, version } = after
        await users.updateOne({ _id: id }, { $set: { role, status, version } }, { session: transaction, ...bounded })
        await audits.insert(auditOf(by, {
          at, action: 'updateUser', targetType: 'USER', targetId: id, before: { role: before.role, status: before.status }, after: { role, status }
        }), transaction)
      }
      await sessions.endAllOf(id, at, transaction)
      return after
    }),
    async changePassword ({ id, passwordChangedAt = { $exists: false } }, passwordHash, sessionId, by) {
      await inTransaction(db, async transaction => {
        const at = new Date()
        const { matchedCount } = await users.updateOne(
          { _id: id, passwordChangedAt } as Filter<UserDocument>,
          { $set: { passwordHash, passwordChangedAt: at }, $inc: { version: 1 } },
          { session: transaction, ...bounded }
        )
        if (matchedCount === 0) throw invalidCredentials('The password has changed meanwhile')
        await sessions.endAllOf(id, at, transaction, sessionId)
        await audits.insert(auditOf(by, { at, action: 'changePassword', targetType: 'USER', targetId: id }), transaction)
      })
    },
    async remove ({ id }, by) {
      await inTransaction(db, async transaction => {
        const found = await users.findOneAndDelete({ _id: id }, { session: transaction, ...bounded })
        // The role now, not the one that was seen.
        if (found === null) throw userNotFound()
        if (givesUpAdmin(toUser(found), { role: 'USER', status: 'DISABLED' })) await keepAnAdmin(id, transaction)
        const at = new Date()
        await sessions.endAllOf(id, at, transaction)
        await audits.insert(auditOf(by, { at, action: 'deleteMe', targetType: 'USER', targetId: id }), transaction)
      })
    }
  }
}
