import type { CollectionSpec } from '@laurel/shared/mongo'

/** The collections of auth-service with their indexes. They are created when the server starts. */
export const collections: readonly CollectionSpec[] = [
  {
    name: 'users',
    obsoleteIndexes: ['email'],
    indexes: [
      // Only users who registered have an address.
      {
        name: 'email_where_present',
        key: { email: 1 },
        unique: true,
        partialFilterExpression: { email: { $gt: '' } }
      },
      { name: 'search_name', key: { searchName: 1 }, partialFilterExpression: { searchName: { $gt: '' } } },
      // To find the highest cost of all hashes.
      { name: 'password_hash', key: { passwordHash: 1 }, partialFilterExpression: { passwordHash: { $gt: '' } } },
      { name: 'referral_code', key: { referralCode: 1 }, unique: true },
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'role_by_creation', key: { role: 1, createdAt: 1, _id: 1 } },
      { name: 'status_by_creation', key: { status: 1, createdAt: 1, _id: 1 } }
    ]
  },
  {
    name: 'sessions',
    indexes: [
      // The open sessions of a user, which have no `endedAt`, by creation.
      { name: 'by_user_and_end', key: { userId: 1, endedAt: 1, createdAt: 1, _id: 1 } },
      {
        name: 'undelivered',
        key: { outboxSince: 1 },
        partialFilterExpression: { outboxSince: { $exists: true } }
      },
      { name: 'ended', key: { endedAt: 1 }, partialFilterExpression: { endedAt: { $exists: true } } },
      // Later than the end of the session, because the gateways read ended sessions until then.
      { name: 'kept', key: { keptUntil: 1 }, expireAfterSeconds: 0 }
    ]
  },
  {
    name: 'clients',
    indexes: [
      { name: 'by_creation', key: { createdAt: 1, _id: 1 } },
      { name: 'ended', key: { endedAt: 1 }, partialFilterExpression: { endedAt: { $exists: true } } },
      { name: 'kept', key: { keptUntil: 1 }, expireAfterSeconds: 0 }
    ]
  },
  { name: 'attempts', indexes: [{ name: 'expiry', key: { expiresAt: 1 }, expireAfterSeconds: 0 }] },
  { name: 'audits', indexes: [{ name: 'by_creation', key: { createdAt: 1, _id: 1 } }] },
  { name: 'guards', indexes: [] },
  { name: 'deleted_users', indexes: [] },
  { name: 'erasures', indexes: [{ name: 'by_time', key: { since: 1 } }] },
  { name: 'deleted_emails', indexes: [{ name: 'expiry', key: { expiresAt: 1 }, expireAfterSeconds: 0 }] }
]
