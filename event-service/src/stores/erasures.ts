import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'

interface ClaimDocument { _id: string, userId: string }
interface SnapshotDocument { _id: string, userId: string }

const exists = { $exists: true } as const

/** Erases the data of users whose account was erased. */
export interface ErasureStore {
  /**
   * Deletes the activities and snapshots of a user, and what people wrote about the user: the notes in the histories of
   * claims and in the audit, and the references of deliveries. Claims, the ledger and counts keep only the id. The
   * reason of a grant to several users stays in the audit. An unknown user is not an error. An erasure that was
   * interrupted can be repeated: it continues with what is left.
   */
  erase: (userId: string) => Promise<void>
}

export function createErasureStore (db: Db): ErasureStore {
  const activities = db.collection('activities')
  const snapshots = db.collection<SnapshotDocument>('snapshots')
  const claims = db.collection<ClaimDocument>('claims')
  const audits = db.collection('audits')
  return {
    async erase (userId) {
      await activities.deleteMany({ userId }, timeLimit)
      // The id of a snapshot begins with the user id. The ids of other users can have the same prefix.
      const beginning = { $gte: `${userId}_`, $lt: `${userId}_\u{10FFFF}` }
      await snapshots.deleteMany({ _id: beginning, userId }, timeLimit)
      const noted = { userId, 'history.note': exists }
      await claims.updateMany(noted, { $unset: { 'history.$[].note': 1 } }, timeLimit)
      const referenced = { userId, 'delivery.reference': exists }
      await claims.updateMany(referenced, { $unset: { 'delivery.reference': 1 } }, timeLimit)
      const found = await claims.find({ userId }, { projection: { _id: 1 }, ...timeLimit }).toArray()
      const claimIds = found.map(({ _id }) => _id)
      await audits.updateMany({ targetId: { $in: claimIds }, note: { $gte: '' } }, { $unset: { note: 1 } }, timeLimit)
      await audits.updateMany({ 'after.userId': userId, note: exists }, { $unset: { note: 1 } }, timeLimit)
    }
  }
}
