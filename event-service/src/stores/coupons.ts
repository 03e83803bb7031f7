import { timeLimit, insertUnordered, inTransaction, type AuditStore } from '@laurel/shared/mongo'
import type { ClientSession, Db } from 'mongodb'
import type { Audit, AuditTarget } from '../domain/audit.ts'

interface CodeDocument {
  /** Event, reward and code: a code is in a pool once. Ids have no underscore. */
  _id: string
  eventId: string
  rewardId: string
  code: string
  /** Its place in the pool, 0, 1, 2, … without gaps; absent until it has one. */
  number?: number
  /** It has no number yet. */
  waiting?: true
}

interface PoolDocument {
  _id: string
  eventId: string
  rewardId: string
  /** How many codes have a number. */
  numbered: number
  /** The stock of the reward does not tell it yet. */
  raising?: true
}

export interface Pool {
  readonly eventId: string
  readonly rewardId: string
}

export interface CouponStore {
  /**
   * Puts codes into a pool and numbers them; the audit row stands before the first code does.
   * @returns how many were new, and how many were there already or came twice.
   */
  add: (pool: Pool, codes: readonly string[], audit: Audit) => Promise<{ added: number, duplicates: number }>
  /** Gives every code that has none its number. @returns how many the pool has now. */
  number: (pool: Pool) => Promise<number>
  /** The reward's stock tells this many codes. */
  noteRaised: (pool: Pool, numbered: number) => Promise<void>
  /** Pools where a process died before it had numbered all codes, or before the stock told them. */
  unfinished: (limit: number) => Promise<Pool[]>
  /** The codes with these numbers. @returns by number. */
  codesOf: (pool: Pool, numbers: readonly number[]) => Promise<Map<number, string>>
}

/** Codes that one command inserts, or one transaction numbers: well below what it may take in time. */
const atOnce = 2000

export function createCouponStore (db: Db, audits: AuditStore<AuditTarget>): CouponStore {
  const codes = db.collection<CodeDocument>('couponCodes')
  const pools = db.collection<PoolDocument>('couponPools')
  const poolId = ({ eventId, rewardId }: Pool): string => `${eventId}_${rewardId}`

  async function numberSome (pool: Pool, session: ClientSession): Promise<{ numbered: number, isAll: boolean }> {
    const { eventId, rewardId } = pool
    // Written first: of two who number one pool at once the server stops the later one.
    const pooled = await pools.findOneAndUpdate({ _id: poolId(pool), eventId }, { $set: { raising: true, rewardId }, $inc: { numbered: 0 } }, { upsert: true, returnDocument: 'after', session, ...timeLimit })
    const { numbered: first } = pooled as PoolDocument
    const waiting = await codes.find({ eventId, rewardId, waiting: true }, { projection: { _id: 1 }, limit: atOnce, session, ...timeLimit }).toArray()
    if (waiting.length > 0) {
      await codes.bulkWrite(waiting.map(({ _id }, index) => ({
        updateOne: { filter: { _id, eventId }, update: { $set: { number: first + index }, $unset: { waiting: true } } }
      })), { ordered: false, session, ...timeLimit })
      await pools.updateOne({ _id: poolId(pool), eventId }, { $inc: { numbered: waiting.length } }, { session, ...timeLimit })
    }
    return { numbered: first + waiting.length, isAll: waiting.length < atOnce }
  }

  async function number (pool: Pool): Promise<number> {
    while (true) {
      const { numbered, isAll } = await inTransaction(db, async session => await numberSome(pool, session))
      if (isAll) return numbered
    }
  }

  return {
    number,
    async add (pool, given, audit) {
      await inTransaction(db, async session => { await audits.insert(audit, session) })
      const rows = given.map((code): CodeDocument => ({ _id: `${poolId(pool)}_${code}`, ...pool, code, waiting: true }))
      let duplicates = 0
      for (let from = 0; from < rows.length; from += atOnce) {
        duplicates += (await insertUnordered(codes, rows.slice(from, from + atOnce))).length
      }
      return { added: rows.length - duplicates, duplicates }
    },
    async noteRaised (pool, numbered) {
      await pools.updateOne({ _id: poolId(pool), eventId: pool.eventId, numbered }, { $unset: { raising: true } }, timeLimit)
    },
    async unfinished (limit) {
      const [waiting, raising] = await Promise.all([
        codes.find({ waiting: true }, { projection: { eventId: 1, rewardId: 1 }, limit, ...timeLimit }).toArray(),
        pools.find({ raising: true }, { projection: { eventId: 1, rewardId: 1 }, limit, ...timeLimit }).toArray()
      ])
      const found = new Map([...waiting, ...raising].map(({ eventId, rewardId }) => [poolId({ eventId, rewardId }), { eventId, rewardId }]))
      return [...found.values()]
    },
    async codesOf ({ eventId, rewardId }, numbers) {
      const found = await codes.find({ eventId, rewardId, number: { $in: [...numbers] } }, { projection: { code: 1, number: 1 }, ...timeLimit }).toArray()
      return new Map(found.map(({ code, number = -1 }) => [number, code]))
    }
  }
}
