import type { Role } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { bounded, findPage, isDuplicateKey, type ListQuery, type PageOf } from '@laurel/shared/mongo'
import type { Db, Filter, UpdateFilter } from 'mongodb'
import type { User } from '../domain/user.ts'

export interface UserDocument extends Omit<User, 'id'> {
  _id: string
  /** When the visit began that the last login belongs to. */
  visitedAt?: Date
  firstLoginAt?: Date
  /** Grows with every login. */
  logins?: number
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
   * Notes that a user is here. The visit it belongs to began at `visitedAt`: now, unless the last one began less than
   * `visitWindow` milliseconds ago.
   */
  noteVisit: (id: string, at: Date, visitWindow: number) => Promise<{ visitedAt: Date, firstLoginAt: Date, user: User | null }>
  /**
   * The account after a session was written. A write, not a read: so it waits for a change of the account that is under way,
   * or lets that change begin again and see the session.
   */
  countLogin: (id: string) => Promise<User | null>
  /** The same password under a hash that costs more, unless the password has changed meanwhile. */
  replaceHash: (id: string, before: string, after: string) => Promise<void>
  /** @param isCurrent whether the caller has seen this version. @returns null for nobody. @throws {DomainError} 412. */
  rename: (id: string, name: string | null, isCurrent: (version: number) => boolean) => Promise<User | null>
}

export function toUser ({ _id, visitedAt, firstLoginAt, logins, ...rest }: UserDocument): User {
  return { id: _id, ...rest }
}

export function createUserStore (db: Db): UserStore {
  const users = db.collection<UserDocument>('users')

  async function one (filter: Filter<UserDocument>): Promise<User | null> {
    const found = await users.findOne(filter, bounded)
    return found === null ? null : toUser(found)
  }

  async function update (filter: Filter<UserDocument>, change: UpdateFilter<UserDocument>): Promise<User | null> {
    const found = await users.findOneAndUpdate(filter, change, { returnDocument: 'after', ...bounded })
    return found === null ? null : toUser(found)
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
    async noteVisit (id, at, visitWindow) {
      const isNewVisit = { $lte: [{ $ifNull: ['$visitedAt', new Date(0)] }, new Date(at.getTime() - visitWindow)] }
      const noted = await users.findOneAndUpdate(
        { _id: id },
        [{ $set: { visitedAt: { $cond: [isNewVisit, at, '$visitedAt'] }, firstLoginAt: { $ifNull: ['$firstLoginAt', at] } } }],
        { returnDocument: 'after', ...bounded }
      )
      return { visitedAt: noted?.visitedAt ?? at, firstLoginAt: noted?.firstLoginAt ?? at, user: noted === null ? null : toUser(noted) }
    },
    countLogin: async id => await update({ _id: id }, { $inc: { logins: 1 } }),
    async replaceHash (id, before, after) {
      await users.updateOne({ _id: id, passwordHash: before }, { $set: { passwordHash: after } }, bounded)
    },
    async rename (id, name, isCurrent) {
      while (true) {
        const user = await one({ _id: id })
        if (user === null) return null
        if (!isCurrent(user.version)) throw staleUser()
        if (user.name === name) return user
        const renamed = await update({ _id: id, version: user.version }, { $set: { name }, $inc: { version: 1 } })
        // Somebody else was faster: look again.
        if (renamed !== null) return renamed
      }
    }
  }
}

export function staleUser (): DomainError {
  return new DomainError('stale', 'PRECONDITION_FAILED', 'The user has changed since')
}
