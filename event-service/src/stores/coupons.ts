import { timeLimit, insertUnordered, inTransaction, type AuditStore } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'

interface CodeDocument {
  /** The event, the reward and the code, so that a code is unique in its pool. Ids contain no underscores. */
  _id: string
  eventId: string
  rewardId: string
  code: string
  /** Its number in the pool (0, 1, 2, … without gaps), which is also its slot. Absent until it is numbered. */
  number?: number
  /** Set until the code is numbered. */
  waiting?: true
}

interface PoolDocument {
  _id: string
  eventId: string
  rewardId: string
  /** How many codes have a number. */
  numbered: number
  /** Set until the stock of the reward is raised to `numbered`. */
  raising?: true
}

/** Identifies the coupon codes of a reward. */
export interface Pool {
  readonly eventId: string
  readonly rewardId: string
}

export interface CouponStore {
  /**
   * Adds codes to a pool, without numbers. The audit entry is stored before the first code.
   * @returns the number of new codes, and the number of duplicates of each other or of codes in the pool.
   */
  add: (pool: Pool, codes: readonly string[], audit: Audit) => Promise<{ added: number, duplicates: number }>
  /** Numbers the codes that have no number. Returns how many codes have a number afterward. */
  number: (pool: Pool) => Promise<number>
  /** Records that the reward's stock was raised to this number of codes. */
  markRaised: (pool: Pool, numbered: number) => Promise<void>
  /** Removes the pools of an event, or of one of its rewards, with all codes. */
  remove: (pools: { readonly eventId: string, readonly rewardId?: string }) => Promise<void>
  /** Returns pools that a dead process left behind with unnumbered codes or without raising the stock. */
  unfinished: (limit: number) => Promise<Pool[]>
  /** Returns the codes with these numbers, by number. */
  codesOf: (pool: Pool, numbers: readonly number[]) => Promise<Map<number, string>>
}

/** The maximum number of codes that one command inserts or one transaction numbers, to limit their duration. */
const batchSize = 2000

export function createCouponStore (db: Db, audits: AuditStore<AuditTarget>): CouponStore {
  const codes = db.collection<CodeDocument>('couponCodes')
  const pools = db.collection<PoolDocument>('couponPools')
  const poolId = ({ eventId, rewardId }: Pool): string => `${eventId}_${rewardId}`
  const filterOf = (pool: Pool) => ({ _id: poolId(pool), eventId: pool.eventId })

  /** Numbers one batch of codes. Returns how many codes are numbered afterward, and whether all of them are. */
  async function numberBatch (pool: Pool, session: ClientSession): Promise<{ numbered: number, isAll: boolean }> {
    const { eventId, rewardId } = pool
    // The transaction writes the pool first, so that the server aborts the later one of two concurrent transactions.
    const change = { $set: { raising: true, rewardId }, $inc: { numbered: 0 } } as const
    const options = { upsert: true, returnDocument: 'after', session, ...timeLimit } as const
    const { numbered: first } = await pools.findOneAndUpdate(filterOf(pool), change, options) as PoolDocument
    const waiting = await codes
      .find({ eventId, rewardId, waiting: true }, { projection: { _id: 1 }, limit: batchSize, session, ...timeLimit })
      .toArray()
    if (waiting.length > 0) {
      const updates = waiting.map(({ _id }, index) => ({
        updateOne: {
          filter: { _id, eventId },
          update: { $set: { number: first + index }, $unset: { waiting: true } } as const
        }
      }))
      await codes.bulkWrite(updates, { ordered: false, session, ...timeLimit })
      await pools.updateOne(filterOf(pool), { $inc: { numbered: waiting.length } }, { session, ...timeLimit })
    }
    return { numbered: first + waiting.length, isAll: waiting.length < batchSize }
  }

  return {
    async add (pool, given, audit) {
      await inTransaction(db, async session => { await audits.insert(audit, session) })
      const documents = given.map((code): CodeDocument =>
        ({ _id: `${poolId(pool)}_${code}`, ...pool, code, waiting: true }))
      let duplicates = 0
      for (let from = 0; from < documents.length; from += batchSize) {
        duplicates += (await insertUnordered(codes, documents.slice(from, from + batchSize))).length
      }
      return { added: documents.length - duplicates, duplicates }
    },
    async number (pool) {
      while (true) {
        const { numbered, isAll } = await inTransaction(db, async session => await numberBatch(pool, session))
        if (isAll) return numbered
      }
    },
    async markRaised (pool, numbered) {
      await pools.updateOne({ ...filterOf(pool), numbered }, { $unset: { raising: true } }, timeLimit)
    },
    async remove ({ eventId, rewardId }) {
      // The codes of an event, or of a reward, are one range of the index on `_id`.
      const prefix = rewardId === undefined ? `${eventId}_` : `${eventId}_${rewardId}`
      const range = { eventId, _id: { $gte: prefix, $lt: `${prefix}\uffff` } }
      await codes.deleteMany(range, timeLimit)
      await pools.deleteMany(range, timeLimit)
    },
    async unfinished (limit) {
      const options = { projection: { eventId: 1, rewardId: 1 }, limit, ...timeLimit }
      const [waiting, raising] = await Promise.all([
        codes.find({ waiting: true }, options).toArray(),
        pools.find({ raising: true }, options).toArray()
      ])
      const found = [...waiting, ...raising].map(({ eventId, rewardId }): Pool => ({ eventId, rewardId }))
      return [...new Map(found.map(pool => [poolId(pool), pool])).values()]
    },
    async codesOf ({ eventId, rewardId }, numbers) {
      const filter = { eventId, rewardId, number: { $in: [...numbers] } }
      const found = await codes.find(filter, { projection: { code: 1, number: 1 }, ...timeLimit }).toArray()
      return new Map(found.map(({ code, number = -1 }) => [number, code]))
    }
  }
}
