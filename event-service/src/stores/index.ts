import { createAuditStore, type OnUnreadable } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { createActivityStore } from './activities.ts'
import { createClaimStore } from './claims.ts'
import { createCouponStore } from './coupons.ts'
import { createEventStore } from './events.ts'
import { createDeliveryStore } from './deliveries.ts'
import { createPauseStore } from './pauses.ts'
import { createSettingsStore } from './settings.ts'
import { createSnapshotStore } from './snapshots.ts'
import { createStockStore } from './stock.ts'
import { createWebhookStore } from './webhooks.ts'

export { collections } from './collections.ts'
export { migrations } from './migrations.ts'

/** A MongoDB database. Only the stores use it. */
export type Database = Db

/**
 * Creates all stores of event-service.
 * @param onUnreadable is called for each document that a list omits.
 */
export function createStores (db: Database, onUnreadable: OnUnreadable) {
  const audits = createAuditStore<AuditTarget>(db, onUnreadable)
  const settings = createSettingsStore(db)
  return {
    audits,
    events: createEventStore(db, audits, onUnreadable),
    settings,
    webhooks: createWebhookStore(db, settings, audits),
    deliveries: createDeliveryStore(db, audits),
    pauses: createPauseStore(db, settings, audits),
    activities: createActivityStore(db, onUnreadable),
    claims: createClaimStore(db, audits, onUnreadable),
    stock: createStockStore(db),
    coupons: createCouponStore(db, audits),
    snapshots: createSnapshotStore(db)
  }
}
