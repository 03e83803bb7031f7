import { createAuditStore } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { AuditTarget } from '../domain/audit.ts'
import { createActivityStore } from '../stores/activities.ts'
import { createClaimStore } from '../stores/claims.ts'
import { createCouponStore } from '../stores/coupons.ts'
import { createEventStore } from '../stores/events.ts'
import { createSnapshotStore } from '../stores/snapshots.ts'
import { createStockStore } from '../stores/stock.ts'
import { createAssessor } from './assess.ts'
import { createClaiming } from './claiming.ts'
import { createEvidenceReader } from './evidence.ts'
import { createIngestion } from './ingestion.ts'
import { createProgress } from './progress.ts'
import { createSweeper, type SweeperOptions } from './sweeper.ts'

export { collections } from '../stores/collections.ts'

/** The stores of event-service and the engine on top of them: everything but HTTP. */
export function createEngine (db: Db, log: SweeperOptions['log'], noteBatch: (of: 'claims' | 'progress' | 'activities', requests: number) => void) {
  const audits = createAuditStore<AuditTarget>(db)
  const events = createEventStore(db, audits)
  const activities = createActivityStore(db)
  const claims = createClaimStore(db, audits)
  const stock = createStockStore(db)
  const coupons = createCouponStore(db, audits)

  const evidence = createEvidenceReader(activities, createSnapshotStore(db))
  const assessor = createAssessor(events, evidence)
  return {
    audits,
    events,
    activities,
    claims,
    stock,
    coupons,
    claim: createClaiming({ assessor, claims, stock, coupons, noteBatch: requests => { noteBatch('claims', requests) } }),
    progress: createProgress({ assessor, evidence, claims, stock, noteBatch: requests => { noteBatch('progress', requests) } }),
    ingest: createIngestion(activities, requests => { noteBatch('activities', requests) }),
    sweeper: createSweeper({ claims, coupons, events, stock, log })
  }
}
