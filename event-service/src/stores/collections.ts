import type { CollectionSpec } from '@laurel/shared/mongo'

/** Every collection of event-service with its indexes; made at start. */
export const collections: readonly CollectionSpec[] = [
  {
    name: 'events',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'status_by_creation', key: { status: 1, createdAt: 1, _id: 1 } },
      { name: 'creation_key', key: { creationKey: 1 }, unique: true, partialFilterExpression: { creationKey: { $exists: true } } }
    ]
  },
  {
    // One row a (event, user, period) is `_id`'s promise; one unit a claim is `event_slot`'s.
    name: 'claims',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'event_by_creation', key: { eventId: 1, createdAt: 1, _id: 1 } },
      { name: 'user_by_creation', key: { userId: 1, createdAt: 1, _id: 1 } },
      { name: 'waiting_by_creation', key: { createdAt: 1, _id: 1 }, partialFilterExpression: { status: 'PENDING' } },
      { name: 'event_by_outcome', key: { eventId: 1, status: 1, grantedAt: 1 } },
      { name: 'user_by_grant', key: { userId: 1, grantedAt: 1, _id: 1 }, partialFilterExpression: { grantedAt: { $exists: true } } },
      { name: 'event_slot', key: { eventId: 1, slot: 1 }, unique: true, partialFilterExpression: { slot: { $exists: true } } },
      { name: 'releasing', key: { releasing: 1 }, partialFilterExpression: { releasing: { $exists: true } } }
    ]
  },
  { name: 'stock', indexes: [{ name: 'by_lease', key: { 'leases.at': 1 } }, { name: 'gaps', key: { gaps: 1 }, partialFilterExpression: { gaps: true } }] },
  {
    // A code is in a pool once by `_id`, and has a number that no other has.
    name: 'couponCodes',
    indexes: [
      { name: 'pool_number', key: { eventId: 1, rewardId: 1, number: 1 }, unique: true, partialFilterExpression: { number: { $exists: true } } },
      { name: 'waiting', key: { waiting: 1, eventId: 1, rewardId: 1 }, partialFilterExpression: { waiting: true } }
    ]
  },
  { name: 'couponPools', indexes: [{ name: 'raising', key: { raising: 1 }, partialFilterExpression: { raising: true } }] },
  {
    // One row a (user, sender, the sender's id) is `_id`'s promise.
    name: 'activities',
    indexes: [
      { name: 'user_by_type', key: { userId: 1, type: 1, occurredAt: 1, _id: 1 } },
      { name: 'user_by_arrival', key: { userId: 1, type: 1, receivedAt: 1 } }
    ]
  },
  { name: 'snapshots', indexes: [{ name: 'by_age', key: { madeAt: 1 }, expireAfterSeconds: 40 * 86_400 }] },
  { name: 'audits', indexes: [{ name: 'by_creation', key: { createdAt: 1, _id: 1 } }] }
]
