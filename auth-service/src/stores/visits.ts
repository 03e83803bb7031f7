import { timeLimit } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import type { User } from '../domain/user.ts'
import { toUser, type UserDocument } from './user-document.ts'

export interface RecordedVisit {
  /** When the visit began. */
  readonly visitedAt: Date
  readonly firstLoginAt: Date
  /** `null` if the account does not exist. */
  readonly user: User | null
}

/** Records the visits of users in their accounts. */
export interface VisitStore {
  /** Records activity of a user. A new visit begins if the last one began before `windowStart`. */
  recordVisit: (id: string, at: Date, windowStart: Date) => Promise<RecordedVisit>
  /**
   * Returns the account after its session was written. This is a write, so it conflicts with a concurrent account
   * change: either this call waits for the change, or the change is retried and sees the session.
   */
  recordLogin: (id: string) => Promise<User | null>
}

export function createVisitStore (db: Db): VisitStore {
  const users = db.collection<UserDocument>('users')
  return {
    async recordVisit (id, at, windowStart) {
      const isNewVisit = { $lt: [{ $ifNull: ['$visitedAt', new Date(0)] }, windowStart] }
      const visit = {
        visitedAt: { $cond: [isNewVisit, at, '$visitedAt'] },
        firstLoginAt: { $ifNull: ['$firstLoginAt', at] }
      }
      const options = { returnDocument: 'after', ...timeLimit } as const
      const found = await users.findOneAndUpdate({ _id: id }, [{ $set: visit }], options)
      return {
        visitedAt: found?.visitedAt ?? at,
        firstLoginAt: found?.firstLoginAt ?? at,
        user: found === null ? null : toUser(found)
      }
    },
    async recordLogin (id) {
      const options = { returnDocument: 'after', ...timeLimit } as const
      const found = await users.findOneAndUpdate({ _id: id }, { $inc: { logins: 1 } }, options)
      return found === null ? null : toUser(found)
    }
  }
}
