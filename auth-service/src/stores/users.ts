import type { Role } from '@laurel/shared/contracts'
import { findPage, readRows, timeLimit, type ListQuery, type OnUnreadable, type PageOf } from '@laurel/shared/mongo'
import { toSearchForm } from '@laurel/shared/text'
import type { Db, Filter, UpdateFilter } from 'mongodb'
import { normalizeEmail, staleUser, type User } from '../domain/user.ts'
import { nameFields, toUser, type UserDocument } from './user-document.ts'

export interface UserFilter {
  readonly role?: Role
  readonly status?: User['status']
  /** The beginning of the e-mail address, the name or the id. */
  readonly q?: string
}

export interface UserStore {
  find: (id: string) => Promise<User | null>
  findByEmail: (email: string) => Promise<User | null>
  findByReferralCode: (code: string) => Promise<User | null>
  hasAdmin: () => Promise<boolean>
  /** Lists users. Omits malformed rows. */
  list: (filter: UserFilter, query: ListQuery) => Promise<PageOf<User>>
  /** Returns the status of each account that exists. */
  findStatuses: (ids: readonly string[]) => Promise<Array<Pick<User, 'id' | 'status'>>>
  /** Returns the hash with the highest cost, or `null` if there is none. */
  findCostliestHash: () => Promise<string | null>
  /** Replaces the hash of the same password, unless the password has changed in the meantime. */
  replacePasswordHash: (id: string, before: string, after: string) => Promise<void>
  /**
   * Changes the name of a user. Returns `null` if there is no such user.
   * @param isCurrent returns whether the caller has seen this version.
   * @throws {DomainError} 412 `PRECONDITION_FAILED`.
   */
  rename: (id: string, name: string | null, isCurrent: (version: number) => boolean) => Promise<User | null>
}

/** @param onUnreadable is called for each row that a list omits. */
export function createUserStore (db: Db, onUnreadable: OnUnreadable): UserStore {
  const users = db.collection<UserDocument>('users')

  async function findOne (filter: Filter<UserDocument>): Promise<User | null> {
    const found = await users.findOne(filter, timeLimit)
    return found === null ? null : toUser(found)
  }

  async function update (filter: Filter<UserDocument>, change: UpdateFilter<UserDocument>): Promise<User | null> {
    const found = await users.findOneAndUpdate(filter, change, { returnDocument: 'after', ...timeLimit })
    return found === null ? null : toUser(found)
  }

  return {
    find: async id => await findOne({ _id: id }),
    findByEmail: async email => await findOne({ email }),
    findByReferralCode: async referralCode => await findOne({ referralCode }),
    hasAdmin: async () => await users.findOne({ role: 'ADMIN' }, timeLimit) !== null,
    async list ({ role, status, q }, query) {
      const filter: Filter<UserDocument> = {
        ...(role === undefined ? {} : { role }),
        ...(status === undefined ? {} : { status }),
        ...(q === undefined ? {} : { $or: matchBeginning(q) })
      }
      const { data, nextCursor } = await findPage(users, filter, query)
      return { data: readRows(data, toUser, onUnreadable), nextCursor }
    },
    async findStatuses (ids) {
      const options = { projection: { status: 1 }, ...timeLimit }
      const found = await users.find({ _id: { $in: [...ids] } }, options).toArray()
      return found.map(({ _id, status }) => ({ id: _id, status }))
    },
    async findCostliestHash () {
      // A hash begins with its cost: `$2b$12$…`.
      const options = { sort: { passwordHash: -1 }, ...timeLimit } as const
      return (await users.findOne({ passwordHash: { $gt: '' } }, options))?.passwordHash ?? null
    },
    async replacePasswordHash (id, before, after) {
      await users.updateOne({ _id: id, passwordHash: before }, { $set: { passwordHash: after } }, timeLimit)
    },
    async rename (id, name, isCurrent) {
      while (true) {
        const user = await findOne({ _id: id })
        if (user === null) return null
        if (!isCurrent(user.version)) throw staleUser()
        if (user.name === name) return user
        const change = { $set: nameFields(name), $inc: { version: 1 } }
        const renamed = await update({ _id: id, version: user.version }, change)
        // If another change came first, read the account again.
        if (renamed !== null) return renamed
      }
    }
  }
}

/** Returns the alternatives of `$or` for users whose e-mail address, name or id begins with this string. */
function matchBeginning (text: string): Array<Filter<UserDocument>> {
  const beginning = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}\u{10FFFF}` })
  return [
    { email: beginning(normalizeEmail(text)) }, { searchName: beginning(toSearchForm(text)) }, { _id: beginning(text) }
  ]
}
