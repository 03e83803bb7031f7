import { createAuditStore, type OnUnreadable } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { createAccountStore } from './accounts.ts'
import { createClientStore } from './clients.ts'
import { createDeletedEmailStore } from './deleted-emails.ts'
import { createDeletedUserStore } from './deleted-users.ts'
import { createErasureStore } from './erasures.ts'
import { createLoginAttemptStore } from './login-attempts.ts'
import { createNewUserStore } from './new-users.ts'
import { createOutboxStore } from './outbox.ts'
import { createRevocationStore } from './revocations.ts'
import { createSessionStore } from './sessions.ts'
import { createUserStore } from './users.ts'
import { createVisitStore } from './visits.ts'

export { collections } from './collections.ts'
export { migrations } from './migrations.ts'

/**
 * Creates all stores of auth-service.
 * @param onUnreadable is called for each document that a list omits.
 */
export function createStores (db: Db, onUnreadable: OnUnreadable) {
  const sessions = createSessionStore(db, onUnreadable)
  const audits = createAuditStore<AuditTarget>(db, onUnreadable)
  const deletedEmails = createDeletedEmailStore(db)
  const deletedUsers = createDeletedUserStore(db)
  const erasures = createErasureStore(db)
  return {
    users: createUserStore(db, onUnreadable),
    newUsers: createNewUserStore(db, { deletedEmails, deletedUsers, erasures }),
    visits: createVisitStore(db),
    sessions,
    audits,
    accounts: createAccountStore(db, { sessions, audits, deletedEmails, deletedUsers, erasures }),
    clients: createClientStore(db, audits, onUnreadable),
    attempts: createLoginAttemptStore(db),
    outbox: createOutboxStore(db),
    erasures,
    revocations: createRevocationStore(db)
  }
}
