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
    // One row a (event, user, period) is `_id`'s promise.
    name: 'claims',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'event_by_creation', key: { eventId: 1, createdAt: 1, _id: 1 } },
      { name: 'user_by_creation', key: { userId: 1, createdAt: 1, _id: 1 } },
      { name: 'waiting_by_creation', key: { createdAt: 1, _id: 1 }, partialFilterExpression: { status: 'PENDING' } },
      { name: 'event_by_status', key: { eventId: 1, status: 1 } }
    ]
  },
  {
    // One row a (user, sender, the sender's id) is `_id`'s promise.
    name: 'activities',
    indexes: [{ name: 'user_by_type', key: { userId: 1, type: 1, occurredAt: 1, _id: 1 } }]
  },
  { name: 'audits', indexes: [{ name: 'by_creation', key: { createdAt: 1, _id: 1 } }] }
]
