import { maxClockDifference } from '@laurel/shared/clock'
import {
  createDocumentCheck, readDocuments, StoredDate, timeLimit, withoutCausality, type OnUnreadable
} from '@laurel/shared/mongo'
import type { ClientSession, Collection, Db, Timestamp } from 'mongodb'
import { grantedStatuses } from '../domain/claim-status.ts'
import { maxDecisionAge } from '../domain/decision-age.ts'
import type { RewardEvent } from '../domain/event.ts'
import { addGrants, type GrantsByDay, type QuarterHour } from '../domain/grants-by-day.ts'
import type { ClaimDocument } from './claim-documents.ts'
import { maxWriteTime } from './max-write-time.ts'

/** The properties of an event that its counts depend on. The rules of its days are frozen before its first grant. */
export type CountedEvent = Pick<RewardEvent, 'id' | 'timeZone' | 'dayStartsAt'>

/** Counts the claims of an event that were ever granted. A revoked claim was granted, too. */
export type CountGrants = (event: CountedEvent) => Promise<GrantsByDay>

export interface RollupOptions {
  /** How old a grant must be to be counted in a rollup, in milliseconds. */
  readonly minAge?: number
  /** The number of new grants for which a rollup is saved. Counting fewer costs less than saving them. */
  readonly minSaved?: number
  /** The number of grants that one command counts, so that the first count of a large event makes progress. */
  readonly step?: number
  readonly now?: () => Date
}

/** Added for safety, in milliseconds. */
const safetyMargin = 60_000
/** The age from which every grant is visible, in milliseconds. The clock of its process may be behind. */
const minGrantAge = maxDecisionAge + maxWriteTime + maxClockDifference + safetyMargin

/** The grants of an event before an instant. They never change, because a grant keeps its time. */
interface Rollup {
  readonly before: Date
  readonly days: GrantsByDay
  /** When it was started. */
  readonly madeAt: Date
}

interface RollupDocument {
  /** The id of the event. */
  _id: string
  before: Date
  days: Array<{ date: string, granted: number }>
  /** MongoDB removes a rollup after a week, so that an error in it does not persist. */
  madeAt: Date
}

const checkRollup = createDocumentCheck('grantRollups', {
  before: StoredDate,
  days: {
    type: 'array',
    items: {
      type: 'object',
      required: ['date', 'granted'],
      properties: { date: { type: 'string' }, granted: { type: 'integer' } }
    }
  },
  madeAt: StoredDate
})

function readRollup (document: RollupDocument): Rollup {
  checkRollup(document)
  return { ...document, days: new Map(document.days.map(({ date, granted }) => [date, granted])) }
}

/**
 * Creates the function that counts grants with the help of rollups. A rollup contains the grants before an instant, and
 * only later grants are read from the index. Rollups are a cache: deleting them changes no result.
 */
export function createGrantCounter (
  db: Db, claims: Collection<ClaimDocument>, onUnreadable: OnUnreadable,
  { minAge = minGrantAge, minSaved = 200, step = 200_000, now = () => new Date() }: RollupOptions = {}
): CountGrants {
  const rollups = db.collection<RollupDocument>('grantRollups')

  /** Returns the instant before which all grants are visible to the next read of a session. */
  function visibleUpTo (session: ClientSession): Date {
    // A majority read sees everything up to the operation time of an earlier one.
    const readAt = (session.operationTime as Timestamp).getHighBits() * 1000
    return new Date(Math.min(readAt, now().getTime()) - minAge)
  }

  /**
   * Returns the rollup of an event, or an empty one. Deletes it if it is damaged, or if a clock has been set back since
   * then.
   */
  async function find (eventId: string, session: ClientSession): Promise<Rollup> {
    const document = await rollups.findOne({ _id: eventId }, { session, ...timeLimit })
    const [found] = document === null ? [] : readDocuments([document], readRollup, onUnreadable)
    const latest = visibleUpTo(session).getTime() + maxClockDifference
    if (found !== undefined && found.before.getTime() <= latest) return found
    if (document !== null) await rollups.deleteOne({ _id: eventId }, timeLimit)
    return { before: new Date(0), days: new Map(), madeAt: new Date() }
  }

  /** Replaces only an earlier rollup. Otherwise, it fails with a duplicate key. */
  async function save (eventId: string, { before, days, madeAt }: Rollup): Promise<void> {
    const document = { before, days: [...days].map(([date, granted]) => ({ date, granted })), madeAt }
    await withoutCausality(db, async session => {
      const options = { upsert: true, writeConcern: { w: 1 }, session, ...timeLimit } as const
      await rollups.replaceOne({ _id: eventId, before: { $lt: before } }, document, options)
    })
  }

  /** Returns the time of the grant that is `step` grants after `from`, or `to` if there are fewer before `to`. */
  async function endOfStep (eventId: string, from: Date, to: Date, session: ClientSession): Promise<Date> {
    const filter = { eventId, status: 'GRANTED', grantedAt: { $gt: from, $lt: to } } as const
    const options = { projection: { _id: 0, grantedAt: 1 }, hint: 'event_by_outcome', session, ...timeLimit } as const
    const [grant] = await claims.find(filter, options).sort({ grantedAt: 1 }).skip(step).limit(1).toArray()
    return grant?.grantedAt ?? to
  }

  async function countBetween (
    eventId: string, grantedAt: { $gte: Date, $lt?: Date }, session: ClientSession
  ): Promise<QuarterHour[]> {
    const quarter = { $dateTrunc: { date: '$grantedAt', unit: 'minute', binSize: 15 } }
    const found = await claims.aggregate<{ _id: Date, granted: number }>([
      { $match: { eventId, status: { $in: grantedStatuses }, grantedAt } },
      { $group: { _id: quarter, granted: { $sum: 1 } } }
    ], { hint: 'event_by_outcome', session, ...timeLimit }).toArray()
    return found.map(({ _id, granted }) => ({ at: _id, granted }))
  }

  /** Returns the rollup up to this instant, and saves it if it has become larger. */
  async function extend (event: CountedEvent, earlier: Rollup, to: Date, session: ClientSession): Promise<Rollup> {
    let rollup = earlier
    while (rollup.before < to) {
      const before = await endOfStep(event.id, rollup.before, to, session)
      const quarters = await countBetween(event.id, { $gte: rollup.before, $lt: before }, session)
      rollup = { ...rollup, before, days: addGrants(rollup.days, quarters, event) }
      const added = quarters.reduce((sum, { granted }) => sum + granted, 0)
      // If saving fails, the next count tries again.
      if (added >= minSaved) await save(event.id, rollup).catch(() => undefined)
    }
    return rollup
  }

  return async event => await db.client.withSession({ causalConsistency: true }, async session => {
    const found = await find(event.id, session)
    const end = visibleUpTo(session)
    const boundary = found.before > end ? found.before : end
    const [{ days }, recent] = await Promise.all([
      extend(event, found, end, session),
      countBetween(event.id, { $gte: boundary }, session)
    ])
    return addGrants(days, recent, event)
  })
}
