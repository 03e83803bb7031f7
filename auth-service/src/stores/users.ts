import type { Role } from '@laurel/shared/contracts'
import {
  findPage, readDocuments, timeLimit, type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import { toSearchForm } from '@laurel/shared/text'
import type { Db, Filter } from 'mongodb'
import { normalizeEmail, requireUser, type User } from '../domain/user.ts'
import { nameFields, toUser, usableAdmins, type UserDocument } from './user-document.ts'

export interface UserFilter {
  readonly role?: Role
  readonly status?: User['status']
  /** The beginning of the email address, the name or the id. */
  readonly q?: string
}

export interface UserStore {
  find: (id: string) => Promise<User | null>
  findByEmail: (email: string) => Promise<User | null>
  findByReferralCode: (code: string) => Promise<User | null>
  /** Returns whether there is an ADMIN who can log in. */
  hasAdmin: () => Promise<boolean>
  /** Lists users. Omits malformed documents. */
  list: (filter: UserFilter, query: ListQuery) => Promise<PageOf<User>>
  /** Returns the status of each account that exists. */
  findStatuses: (ids: readonly string[]) => Promise<Array<Pick<User, 'id' | 'status'>>>
  /** Returns when each account that exists was created. */
  findCreationTimes: (ids: readonly string[]) => Promise<ReadonlyMap<string, Date>>
  /** Returns the hash with the highest cost, or `null` if there is none. */
  findCostliestHash: () => Promise<string | null>
  /** Replaces the hash of the same password, unless the password has changed in the meantime. */
  replacePasswordHash: (id: string, before: string, after: string) => Promise<void>
  /**
   * Changes the name of a user. Throws 404 `USER_NOT_FOUND`, and the errors of the rule.
   * @param rule returns the user with the new name, or the same object to change nothing. It may run more than once.
   */
  rename: (id: string, rule: (user: User) => User) => Promise<User>
}

/** @param onUnreadable is called for each document that a list omits. */
export function createUserStore (db: Db, onUnreadable: OnUnreadable): UserStore {
  const users = db.collection<UserDocument>('users')

  async function findOne (filter: Filter<UserDocument>): Promise<User | null> {
    const found = await users.findOne(filter, timeLimit)
    return found === null ? null : toUser(found)
  }

  return {
    find: async id => await findOne({ _id: id }),
    findByEmail: async email => await findOne({ email }),
    findByReferralCode: async referralCode => await findOne({ referralCode }),
    hasAdmin: async () => await users.findOne(usableAdmins, timeLimit) !== null,
    async list ({ role, status, q }, query) {
      const filter: Filter<UserDocument> = {
        ...(role === undefined ? {} : { role }),
        ...(status === undefined ? {} : { status }),
        ...(q === undefined ? {} : { $or: matchBeginning(q) })
      }
      const { data, nextCursor } = await findPage(users, filter, query)
      return { data: readDocuments(data, toUser, onUnreadable), nextCursor }
    },
    async findStatuses (ids) {
      const options = { projection: { status: 1 }, ...timeLimit }
      const found = await users.find({ _id: { $in: [...ids] } }, options).toArray()
      return found.map(({ _id, status }) => ({ id: _id, status }))
    },
    async findCreationTimes (ids) {
      const options = { projection: { createdAt: 1 }, ...timeLimit }
      const found = await users.find({ _id: { $in: [...ids] } }, options).toArray()
      return new Map(found.map(({ _id, createdAt }) => [_id, createdAt]))
    },
    async findCostliestHash () {
      // A hash begins with its cost: `$2b$12$…`.
      const options = { sort: { passwordHash: -1 }, ...timeLimit } as const
      return (await users.findOne({ passwordHash: { $gt: '' } }, options))?.passwordHash ?? null
    },
    async replacePasswordHash (id, before, after) {
      await users.updateOne({ _id: id, passwordHash: before }, { $set: { passwordHash: after } }, timeLimit)
    },
    async rename (id, rule) {
      while (true) {
        const before = requireUser(await findOne({ _id: id }))
        const after = rule(before)
        if (after === before) return before
        const change = { $set: { ...nameFields(after.name), version: after.version } }
        const { matchedCount } = await users.updateOne({ _id: id, version: before.version }, change, timeLimit)
        // If another change came first, read the account again.
        if (matchedCount > 0) return after
      }
    }
  }
}

/** Returns the alternatives of `$or` for users whose email address, name or id begins with this string. */
function matchBeginning (text: string): Array<Filter<UserDocument>> {
  const beginning = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}\u{10FFFF}` })
  return [
    { email: beginning(normalizeEmail(text)) }, { searchName: beginning(toSearchForm(text)) }, { _id: beginning(text) }
  ]
}
