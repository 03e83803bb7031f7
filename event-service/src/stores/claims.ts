import { timeLimit, inTransaction, type AuditStore, type OnUnreadable } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'
import type { Claim, RewardDelivery } from '../domain/claim.ts'
import { grantedStatuses } from '../domain/claim-status.ts'
import { requireRecent } from '../domain/decision-age.ts'
import { claimEntry } from '../domain/messages.ts'
import { createClaimCounters, type ClaimCounters } from './claim-counts.ts'
import { createClaimGrants, type ClaimGrants } from './claim-grants.ts'
import { createClaimQueries, type ClaimQueries } from './claim-queries.ts'
import { createRecordClaims, type RecordClaims } from './claim-record.ts'
import { changeOf, eventIdOf, readById, readClaim, withIds, type ClaimDocument } from './claim-documents.ts'
import { createClaimSlots, type ClaimSlots } from './claim-slots.ts'
import { createGrantCounter } from './grant-rollups.ts'
import { createOutboxStore, pushEntry, type OutboxStore } from './outbox.ts'
import { createSettingsStore } from './settings.ts'

export type { StatusCount } from './claim-counts.ts'
export type { Booking, Grant } from './claim-grants.ts'
export type { ClaimFilter } from './claim-queries.ts'
export type { Recorded } from './claim-record.ts'
export { claimId, type Attempts, type ClaimKey } from './claim-documents.ts'
export type { ReleasingClaim } from './claim-slots.ts'

export interface ClaimStore extends ClaimQueries, ClaimGrants, ClaimCounters, ClaimSlots {
  record: RecordClaims
  /**
   * Changes a claim by a pure rule and stores the audit entry in the same transaction.
   * If another change came first, the rule is called again with the new claim. Throws what the rule throws.
   * @param rule returns the same object if nothing changes; then no audit entry is written.
   * @returns the current claim and whether this call changed it; `null` if it does not exist.
   */
  update: (id: string, rule: (claim: Claim) => Claim, audit: Audit) => Promise<ClaimUpdate | null>
  /** Stores an audit entry on its own, before the first of the changes that it records. */
  insertAudit: (audit: Audit) => Promise<void>
  /**
   * Stores a delivery of a claim that is or was granted. It replaces the previous report.
   * @returns the current claim and whether the report was stored; `null` if it does not exist.
   */
  deliver: (id: string, delivery: RewardDelivery) => Promise<ClaimUpdate | null>
  readonly outbox: OutboxStore<Claim>
}

export interface ClaimUpdate {
  readonly claim: Claim
  readonly changed: boolean
}

export function createClaimStore (
  db: Db, audits: AuditStore<AuditTarget>, onUnreadable: OnUnreadable
): ClaimStore {
  const claims = db.collection<ClaimDocument>('claims')
  const settings = createSettingsStore(db)
  const queries = createClaimQueries(claims, onUnreadable)
  const countGrants = createGrantCounter(db, claims, onUnreadable)
  return {
    ...queries,
    ...createClaimGrants(claims, onUnreadable),
    ...createClaimCounters(claims, countGrants),
    ...createClaimSlots(claims),
    record: createRecordClaims(claims),
    update: async (id, rule, audit) => await inTransaction(db, async session => {
      const found = await claims.findOne(withIds([id]), { session, ...readById })
      if (found === null) return null
      const before = readClaim(found)
      const after = rule(before)
      if (after === before) return { claim: before, changed: false }
      requireRecent(after.updatedAt, new Date())
      // The server aborts the later one of two concurrent transactions, and the driver retries it.
      const filter = { _id: id, eventId: before.eventId, status: before.status }
      const { wantedTypes } = await settings.read(session)
      const entry = claimEntry(after.status, after.updatedAt, wantedTypes)
      await claims.updateOne(filter, { ...changeOf(before, after), ...pushEntry(entry) }, { session, ...timeLimit })
      await audits.insert(audit, session)
      return { claim: after, changed: true }
    }),
    outbox: createOutboxStore(claims, ({ _id, eventId }) => ({ _id, eventId }), readClaim),
    async insertAudit (audit) {
      await inTransaction(db, async session => { await audits.insert(audit, session) })
    },
    async deliver (id, delivery) {
      const filter = { _id: id, eventId: eventIdOf(id), status: { $in: grantedStatuses } } as const
      const change = { $set: { delivery, updatedAt: delivery.at } }
      const document = await claims.findOneAndUpdate(filter, change, { returnDocument: 'after', ...timeLimit })
      if (document !== null) return { claim: readClaim(document), changed: true }
      const claim = await queries.find(id)
      return claim === null ? null : { claim, changed: false }
    }
  }
}
