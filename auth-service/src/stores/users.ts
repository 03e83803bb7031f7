import { userRoles, type Role } from '@laurel/shared/contracts'
import {
  createRowCheck, findPage, inTransaction, isDuplicateKeyError, readRows, StoredDate, timeLimit,
  type ListQuery, type OnUnreadable, type PageOf
} from '@laurel/shared/mongo'
import { toSearchForm } from '@laurel/shared/text'
import type { ClientSession, Db, Filter, UpdateFilter } from 'mongodb'
import { emailTaken, normalizeEmail, staleUser, type User } from '../domain/user.ts'
import type { DeletedEmailStore } from './deleted-emails.ts'
import type { DeletedUserStore } from './deleted-users.ts'

export interface UserDocument extends Omit<User, 'id'> {
  _id: string
  /** When the visit began that the last login belongs to. */
  visitedAt?: Date
  firstLoginAt?: Date
  /** Grows with every login. */
  logins?: number
  /** The name as it is searched. */
  searchName?: string | null
}

export interface UserFilter {
  readonly role?: Role
  readonly status?: User['status']
  /** The beginning of the e-mail address, the name or the id. */
  readonly q?: string
}

export interface RecordedVisit {
  /** When the visit began. */
  readonly visitedAt: Date
  readonly firstLoginAt: Date
  /** `null` if the account does not exist. */
  readonly user: User | null
}

export interface UserStore {
  /**
   * Inserts a user, without the inviter if the address belonged to an account that was deleted recently.
   * @throws {DomainError} 409 `EMAIL_TAKEN`.
   */
  insert: (user: User) => Promise<void>
  /**
   * Inserts the first ADMIN. Returns false if there is an ADMIN already.
   * @throws {DomainError} 409 `EMAIL_TAKEN`.
   */
  insertFirstAdmin: (user: User) => Promise<boolean>
  find: (id: string) => Promise<User | null>
  findByEmail: (email: string) => Promise<User | null>
  findByReferralCode: (code: string) => Promise<User | null>
  hasAdmin: () => Promise<boolean>
  /** Lists users. A malformed row is left out. */
  list: (filter: UserFilter, query: ListQuery) => Promise<PageOf<User>>
  /**
   * Inserts a user of a machine client. Returns false if the id is taken, or belonged to a user that this client did
   * not put.
   */
  insertClientUser: (user: User & { readonly clientId: string }) => Promise<boolean>
  /** Returns the status of each account that exists. */
  findStatuses: (ids: readonly string[]) => Promise<Array<Pick<User, 'id' | 'status'>>>
  /** Records that a user is present. A new visit begins if the last one began before `windowStart`. */
  recordVisit: (id: string, at: Date, windowStart: Date) => Promise<RecordedVisit>
  /**
   * Returns the account after its session was written. It is a write, so it conflicts with an account change in
   * progress: either this call waits for the change, or the change runs again and sees the session.
   */
  recordLogin: (id: string) => Promise<User | null>
  /** Returns the hash of the highest cost, `null` if there is none. */
  findCostliestHash: () => Promise<string | null>
  /** Replaces the hash of the same password, unless the password has changed meanwhile. */
  replacePasswordHash: (id: string, before: string, after: string) => Promise<void>
  /**
   * Changes the name of a user. Returns `null` if there is no such user.
   * @param isCurrent returns whether the caller has seen this version.
   * @throws {DomainError} 412 `PRECONDITION_FAILED`.
   */
  rename: (id: string, name: string | null, isCurrent: (version: number) => boolean) => Promise<User | null>
}

const text = { type: 'string' }
const nullableText = { type: ['string', 'null'] }
const checkUser = createRowCheck('users', {
  email: nullableText,
  name: nullableText,
  role: { enum: userRoles },
  status: { enum: ['ACTIVE', 'DISABLED'] },
  referralCode: text,
  invitedBy: nullableText,
  passwordHash: nullableText,
  createdAt: StoredDate,
  version: { type: 'integer' }
}, { passwordChangedAt: StoredDate, clientId: text })

/** @throws {UnreadableRow} if the row is malformed. */
export function toUser (document: UserDocument): User {
  checkUser(document)
  const { _id, visitedAt, firstLoginAt, logins, searchName, ...user } = document
  return { id: _id, ...user }
}

export interface UserStoreDependencies {
  readonly deletedEmails: DeletedEmailStore
  readonly deletedUsers: DeletedUserStore
  readonly onUnreadable: OnUnreadable
}

export function createUserStore (
  db: Db, { deletedEmails, deletedUsers, onUnreadable }: UserStoreDependencies
): UserStore {
  const users = db.collection<UserDocument>('users')
  const guards = db.collection<{ _id: string, changes: number }>('guards')

  async function insertOne ({ id, ...user }: User, transaction?: ClientSession): Promise<void> {
    const options = { ...timeLimit, ...(transaction === undefined ? {} : { session: transaction }) }
    try {
      await users.insertOne({ _id: id, ...user, searchName: searchNameOf(user.name) }, options)
    } catch (error) {
      throw isDuplicateKeyError(error) ? emailTaken() : error
    }
  }

  async function findOne (filter: Filter<UserDocument>): Promise<User | null> {
    const found = await users.findOne(filter, timeLimit)
    return found === null ? null : toUser(found)
  }

  async function update (filter: Filter<UserDocument>, change: UpdateFilter<UserDocument>): Promise<User | null> {
    const found = await users.findOneAndUpdate(filter, change, { returnDocument: 'after', ...timeLimit })
    return found === null ? null : toUser(found)
  }

  return {
    async insert (user) {
      if (user.invitedBy === null) {
        await insertOne(user)
        return
      }
      await inTransaction(db, async transaction => {
        const isRemembered = user.email !== null &&
          await deletedEmails.isRemembered(user.email, user.createdAt, transaction)
        await insertOne({ ...user, invitedBy: isRemembered ? null : user.invitedBy }, transaction)
      })
    },
    insertFirstAdmin: async user => await inTransaction(db, async transaction => {
      const options = { session: transaction, ...timeLimit }
      // Every start writes this document, so of several starts at once all but one run again and see the ADMIN.
      await guards.updateOne({ _id: 'admins' }, { $inc: { changes: 1 } }, { upsert: true, ...options })
      if (await users.findOne({ role: 'ADMIN' }, options) !== null) return false
      await insertOne(user, transaction)
      return true
    }),
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
    recordLogin: async id => await update({ _id: id }, { $inc: { logins: 1 } }),
    async insertClientUser (user) {
      try {
        return await inTransaction(db, async transaction => {
          if (await deletedUsers.isForeign(user.id, user.clientId, transaction)) return false
          const { id, ...fields } = user
          const document = { _id: id, ...fields, searchName: searchNameOf(user.name) }
          await users.insertOne(document, { session: transaction, ...timeLimit })
          return true
        })
      } catch (error) {
        if (isDuplicateKeyError(error)) return false
        throw error
      }
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
        const change = { $set: { name, searchName: searchNameOf(name) }, $inc: { version: 1 } }
        const renamed = await update({ _id: id, version: user.version }, change)
        // If another change came first, read the account again.
        if (renamed !== null) return renamed
      }
    }
  }
}

function searchNameOf (name: string | null): string | null {
  return name === null ? null : toSearchForm(name)
}

/** Returns conditions of which a user matches one whose e-mail address, name or id begins with a text. */
function matchBeginning (text: string): Array<Filter<UserDocument>> {
  const beginning = (prefix: string) => ({ $gte: prefix, $lt: `${prefix}\u{10FFFF}` })
  return [
    { email: beginning(normalizeEmail(text)) }, { searchName: beginning(toSearchForm(text)) }, { _id: beginning(text) }
  ]
}
