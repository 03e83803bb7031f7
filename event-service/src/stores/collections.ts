import type { ClaimStatus } from '@laurel/shared/contracts'
import type { CollectionSpec } from '@laurel/shared/mongo'
import type { IndexDescription } from 'mongodb'
import { outboxIndex } from './outbox.ts'

const exists = { $exists: true }
/** Filter of events that count activities. */
const counting = { condition: { $type: 'object' } }
const days = 86_400

function byCreationIf (name: string, status: ClaimStatus): IndexDescription {
  return { name, key: { createdAt: 1, _id: 1 }, partialFilterExpression: { status } }
}

/** All collections of event-service with their indexes. They are created at start. */
export const collections: readonly CollectionSpec[] = [
  {
    // Also contains the settings of the platform, in one document; see settings.ts.
    name: 'events',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'active_by_end', key: { endsAt: 1 }, partialFilterExpression: { status: 'ACTIVE' } },
      // For the retention of activities. Lists must not use these indexes, because they would have to sort the results.
      { name: 'counting_by_end', key: { endsAt: 1 }, partialFilterExpression: counting },
      { name: 'counting_by_claim_end', key: { claimUntil: 1 }, partialFilterExpression: counting },
      outboxIndex,
      { name: 'status_by_creation', key: { status: 1, createdAt: 1, _id: 1 } },
      {
        name: 'group_by_position',
        key: { group: 1, position: 1, createdAt: 1, _id: 1 },
        // Any group name, but not null.
        partialFilterExpression: { group: { $gt: '' } }
      },
      {
        name: 'creation_key',
        key: { creationKey: 1 },
        unique: true,
        partialFilterExpression: { creationKey: exists }
      }
    ]
  },
  {
    // `_id` ensures one claim per event, user and period, and `event_slot` ensures one claim per slot.
    name: 'claims',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'event_by_creation', key: { eventId: 1, createdAt: 1, _id: 1 } },
      { name: 'user_by_creation', key: { userId: 1, createdAt: 1, _id: 1 } },
      // Most claims are GRANTED. Lists of other claims must not scan them, so these indexes exclude granted claims.
      byCreationIf('waiting_by_creation', 'PENDING'),
      byCreationIf('refused_by_creation', 'FAILED'),
      byCreationIf('rejected_by_creation', 'REJECTED'),
      byCreationIf('revoked_by_creation', 'REVOKED'),
      { name: 'by_grant', key: { grantedAt: 1, _id: 1 }, partialFilterExpression: { grantedAt: exists } },
      {
        name: 'delivery_by_creation',
        key: { 'delivery.status': 1, createdAt: 1, _id: 1 },
        partialFilterExpression: { 'delivery.status': exists }
      },
      { name: 'event_by_outcome', key: { eventId: 1, status: 1, grantedAt: 1 } },
      {
        name: 'user_by_grant',
        key: { userId: 1, grantedAt: 1, _id: 1 },
        partialFilterExpression: { grantedAt: exists }
      },
      {
        name: 'user_by_revocation',
        key: { userId: 1, revokedAt: 1, _id: 1 },
        partialFilterExpression: { revokedAt: exists }
      },
      {
        name: 'event_slot',
        key: { eventId: 1, slot: 1 },
        unique: true,
        partialFilterExpression: { slot: exists }
      },
      // Stock per period: one claim per slot in a period, and the claims that use the stock of a period.
      {
        name: 'event_period_slot',
        key: { eventId: 1, stockPeriod: 1, periodSlot: 1 },
        unique: true,
        partialFilterExpression: { periodSlot: exists }
      },
      {
        name: 'period_by_outcome',
        key: { eventId: 1, stockPeriod: 1, status: 1 },
        partialFilterExpression: { stockPeriod: exists }
      },
      { name: 'releasing', key: { releasing: 1 }, partialFilterExpression: { releasing: exists } },
      outboxIndex
    ]
  },
  {
    name: 'stock',
    indexes: [
      { name: 'by_lease', key: { 'leases.at': 1 } },
      { name: 'gaps', key: { gaps: 1 }, partialFilterExpression: { gaps: true } },
      outboxIndex
    ]
  },
  {
    // `_id` ensures that a code is unique in its pool, and `pool_number` that its number is.
    name: 'couponCodes',
    indexes: [
      {
        name: 'pool_number',
        key: { eventId: 1, rewardId: 1, number: 1 },
        unique: true,
        partialFilterExpression: { number: exists }
      },
      {
        name: 'waiting',
        key: { waiting: 1, eventId: 1, rewardId: 1 },
        partialFilterExpression: { waiting: true }
      }
    ]
  },
  {
    name: 'couponPools',
    indexes: [{ name: 'raising', key: { raising: 1 }, partialFilterExpression: { raising: true } }]
  },
  {
    // `_id` ensures one activity per user, sender and sender's id.
    name: 'activities',
    indexes: [
      { name: 'user_by_type', key: { userId: 1, type: 1, occurredAt: 1, _id: 1 } },
      { name: 'user_by_arrival', key: { userId: 1, type: 1, receivedAt: 1 } }
    ]
  },
  {
    name: 'snapshots',
    indexes: [{ name: 'by_age', key: { madeAt: 1 }, expireAfterSeconds: 40 * days }]
  },
  {
    // `_id` is the id of the event.
    name: 'grantRollups',
    indexes: [{ name: 'by_age', key: { madeAt: 1 }, expireAfterSeconds: 7 * days }]
  },
  { name: 'webhooks', indexes: [{ name: 'by_creation', key: { createdAt: 1, _id: 1 } }] },
  {
    // `_id` ensures one delivery per message and webhook. See deliveries.ts.
    name: 'deliveries',
    indexes: [
      { name: 'by_age', key: { createdAt: 1 }, expireAfterSeconds: 30 * days },
      { name: 'webhook_by_creation', key: { webhookId: 1, createdAt: 1, _id: 1 } },
      { name: 'webhook_status_by_creation', key: { webhookId: 1, status: 1, createdAt: 1, _id: 1 } },
      {
        name: 'webhook_due',
        key: { webhookId: 1, nextAttemptAt: 1 },
        partialFilterExpression: { nextAttemptAt: exists }
      },
      { name: 'webhook_subject', key: { webhookId: 1, subject: 1, order: 1 } }
    ]
  },
  {
    name: 'audits',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      // To erase the notes about a user by the ids of the user's claims.
      { name: 'notes_by_target', key: { targetId: 1 }, partialFilterExpression: { note: { $gte: '' } } },
      // To erase the reasons of grants to one user.
      { name: 'grants_by_user', key: { 'after.userId': 1 }, partialFilterExpression: { 'after.userId': exists } }
    ]
  }
]
