import type { Role } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { bounded, findPage, inTransaction, isDuplicateKey, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { ClientSession, Db, Filter } from 'mongodb'
import { givesUpAdmin, userNotFound, type User } from '../domain/user.ts'

interface UserDocument extends Omit<User, 'id'> {
  _id: string
  /** When the visit began that the last login belongs to. */
  visitedAt?: Date
  firstLoginAt?: Date
}

export interface UserFilter {
  readonly role?: Role
  readonly status?: User['status']
  /** The beginning of an e-mail address. */
  readonly emailPrefix?: string
}

export interface UserStore {
  /** @throws {DomainError} 409 `EMAIL_TAKEN`. */
  insert: (user: User) => Promise<void>
  find: (id: string) => Promise<User | null>
  findByEmail: (email: string) => Promise<User | null>
  findByReferralCode: (code: string) => Promise<User | null>
  hasAdmin: () => Promise<boolean>
  list: (filter: UserFilter, query: ListQuery) => Promise<PageOf<User>>
  /**
   * Notes a login. The visit it belongs to began at `visitedAt`: now, unless the last one began less than `visitWindow`
   * milliseconds ago.
   */
  noteLogin: (id: string, at: Date, visitWindow: number) => Promise<{ visitedAt: Date, firstLoginAt: Date }>
  /**
   * Gives a user another role.
   * @param isCurrent whether the caller has seen this version.
   * @throws {DomainError} 404 · 409 `LAST_ADMIN` · 412.
   */
  changeRole: (id: string, role: Role, isCurrent: (version: number) => boolean) => Promise<User>
}

function toUser ({ _id, visitedAt, firstLoginAt, ...rest }: UserDocument): User {
  return { id: _id, ...rest }
}

export function createUserStore (db: Db): UserStore {
  const users = db.collection<UserDocument>('users')
  const guards = db.collection<{ _id: string, changes: number }>('guards')

  async function one (filter: Filter<UserDocument>): Promise<User | null> {
    const found = await users.findOne(filter, bounded)
    return found === null ? null : toUser(found)
  }

  async function changeInTransaction (session: ClientSession, id: string, role: Role, isCurrent: (version: number) => boolean): Promise<User> {
    const found = await users.findOne({ _id: id }, { session, ...bounded })
    if (found === null) throw userNotFound()
    const user = toUser(found)
    if (!isCurrent(user.version)) throw new DomainError('stale', 'PRECONDITION_FAILED', 'The user has changed since')
    if (user.role === role) return user
    if (givesUpAdmin(user, role)) {
      // Two admins who demote each other read different users; this one document makes them meet.
      await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { session, upsert: true, ...bounded })
      const other = await users.findOne({ role: 'ADMIN', status: 'ACTIVE', _id: { $ne: id } }, { session, ...bounded })
      if (other === null) throw new DomainError('conflict', 'LAST_ADMIN', 'The last ADMIN stays one')
    }
    await users.updateOne({ _id: id }, { $set: { role }, $inc: { version: 1 } }, { session, ...bounded })
    return { ...user, role, version: user.version + 1 }
  }

  return {
    async insert ({ id, ...rest }) {
      try {
        await users.insertOne({ _id: id, ...rest }, bounded)
      } catch (error) {
        if (isDuplicateKey(error)) throw new DomainError('conflict', 'EMAIL_TAKEN', 'There is an account with this e-mail address')
        throw error
      }
    },
    find: async id => await one({ _id: id }),
    findByEmail: async email => await one({ email }),
    findByReferralCode: async referralCode => await one({ referralCode }),
    hasAdmin: async () => await users.findOne({ role: 'ADMIN' }, bounded) !== null,
    async list ({ role, status, emailPrefix }, query) {
      const filter: Filter<UserDocument> = {
        ...(role === undefined ? {} : { role }),
        ...(status === undefined ? {} : { status }),
        ...(emailPrefix === undefined ? {} : { email: { $gte: emailPrefix, $lt: `${emailPrefix}\u{10FFFF}` } })
      }
      const page = await findPage(users, JSON.stringify(['users', role, status, emailPrefix]), filter, query)
      return { data: page.data.map(toUser), nextCursor: page.nextCursor }
    },
    async noteLogin (id, at, visitWindow) {
      const isNewVisit = { $lte: [{ $ifNull: ['$visitedAt', new Date(0)] }, new Date(at.getTime() - visitWindow)] }
      const noted = await users.findOneAndUpdate(
        { _id: id },
        [{ $set: { visitedAt: { $cond: [isNewVisit, at, '$visitedAt'] }, firstLoginAt: { $ifNull: ['$firstLoginAt', at] } } }],
        { returnDocument: 'after', projection: { visitedAt: 1, firstLoginAt: 1 }, ...bounded }
      )
      return { visitedAt: noted?.visitedAt ?? at, firstLoginAt: noted?.firstLoginAt ?? at }
    },
    changeRole: async (id, role, isCurrent) =>
      await inTransaction(db, async session => await changeInTransaction(session, id, role, isCurrent))
  }
}
