import { createAuditStore } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { createActivityStore } from './activities.ts'
import { createClaimStore } from './claims.ts'
import { createCouponStore } from './coupons.ts'
import { createEventStore } from './events.ts'
import { createSnapshotStore } from './snapshots.ts'
import { createStockStore } from './stock.ts'

export { collections } from './collections.ts'

/** A database of MongoDB. Only the stores use it. */
export type Database = Db

/** Creates all stores of event-service. */
export function createStores (db: Database) {
  const audits = createAuditStore<AuditTarget>(db)
  return {
    audits,
    events: createEventStore(db, audits),
    activities: createActivityStore(db),
    claims: createClaimStore(db, audits),
    stock: createStockStore(db),
    coupons: createCouponStore(db, audits),
    snapshots: createSnapshotStore(db)
  }
}
