import type { Condition, Leaf } from '@laurel/shared/contracts'
import { Timestamp } from 'mongodb'
import { activityTypesOf, leavesOf, needsData, tallyOf } from '../domain/condition.ts'
import type { RewardEvent } from '../domain/event.ts'
import { noEvidence, type Evidence } from '../domain/evidence.ts'
import { canonicalJson, fingerprint } from '../domain/id.ts'
import { belongsTo, periodAt } from '../domain/period.ts'
import type { CountableActivity, Tally } from '../domain/tally.ts'
import type { ActivityStore, ArrivedActivity, Window } from '../stores/activities.ts'
import type { Snapshot, SnapshotStore } from '../stores/snapshots.ts'

/** Whose doings are looked at, for which event and when. */
export interface Question {
  readonly event: RewardEvent
  readonly userId: string
  readonly now: Date
}

export interface EvidenceReader {
  /** Reads for many users together. @returns in the order asked; undefined for a history that others should not wait for. */
  readMany: (questions: readonly Question[]) => Promise<Array<Evidence | undefined>>
  /** Reads one history of any length: what was counted before, and what arrived since. */
  readLong: (question: Question) => Promise<Evidence>
  /** Everything that a user did for an event, nothing counted before. */
  readAll: (question: Question) => Promise<readonly CountableActivity[]>
}

/** From so many activities on a history is long: it is counted once and then only what arrives is read. */
const longFrom = 200
/** Activities that one read for many brings at most. */
const atOnce = 5000
/** Values that a snapshot remembers at most. */
const maxSeen = 10_000
/**
 * Seconds. `receivedAt` is taken before a write can be seen, so what arrived this long before a read is surely in it: a
 * write that takes longer than some seconds is given up.
 */
const settling = 360
const maxKnownLong = 100_000

/** The types and the time that a question is about; undefined where the event asks for nothing. */
function windowOf ({ event, now }: Question): Window | undefined {
  if (event.condition === null) return undefined
  const { from, to } = periodAt(event, now)
  return { types: activityTypesOf(event.condition).sort(), from, to, withData: needsData(event.condition) }
}

/** What a leaf counts: `target` does not matter, nor whose copy of the event it is from. */
function countedBy ({ target, ...leaf }: Leaf): string {
  return canonicalJson(leaf)
}

/** Names what a snapshot counts; a period that moves is another one. */
export function snapshotKey ({ event, now }: Question): string {
  const { condition, timeZone, claimPeriod, startsAt, endsAt } = event
  const leaves = leavesOf(condition as Condition).map(countedBy)
  return fingerprint({ leaves, timeZone, claimPeriod, startsAt, endsAt, period: periodAt(event, now).name })
}

export function createEvidenceReader (activities: ActivityStore, snapshots: SnapshotStore): EvidenceReader {
  const long = new Set<string>()
  const nameOf = (userId: string, { types }: Window): string => `${userId} ${types.join(' ')}`

  function noteLong (name: string): void {
    if (long.size >= maxKnownLong) long.clear()
    long.add(name)
  }

  /** The doings of users in their order; those of a user with too many of them are left out. */
  async function readWindow (userIds: readonly string[], window: Window): Promise<Map<string, CountableActivity[]>> {
    const found = new Map<string, CountableActivity[]>(userIds.map(userId => [userId, []]))
    let rest = userIds.toSorted()
    while (rest.length > 0) {
      let [count, last] = [0, '']
      for (const { userId, activities: own } of await activities.ofUsers(rest, window, atOnce)) {
        found.get(userId)?.push(...own)
        count += own.length
        if (userId > last) last = userId
      }
      if (count < atOnce) break
      // The read was cut off somewhere in what the last one did.
      const isLong = (found.get(last) as CountableActivity[]).length > longFrom
      rest = rest.filter(userId => userId > last || (userId === last && !isLong))
      if (isLong) found.delete(last)
      else found.set(last, [])
    }
    for (const userId of userIds) {
      if ((found.get(userId)?.length ?? Infinity) > longFrom) noteLong(nameOf(userId, window))
    }
    return found
  }

  async function save ({ event, userId, now }: Question, key: string, before: Snapshot | null, fresh: readonly ArrivedActivity[], readAt: Timestamp): Promise<void> {
    const upTo = new Timestamp({ t: Math.max(0, readAt.getHighBits() - settling), i: 0 })
    const period = periodAt(event, now)
    const settled = fresh.filter(({ receivedAt }) => receivedAt.lessThanOrEqual(upTo))
    if (settled.length < longFrom) return
    const own = settled.filter(({ occurredAt }) => belongsTo(period, occurredAt, event))
    const tallies = leavesOf(event.condition as Condition).map((leaf, index) => tallyOf(leaf, own, event.timeZone, before?.tallies[index]))
    if (tallies.some(({ seen }) => seen.size > maxSeen)) return
    await snapshots.save(userId, key, { upTo, tallies })
  }

  return {
    async readMany (questions) {
      const groups = new Map<string, { window: Window, userIds: Set<string> }>()
      const windows = questions.map(question => {
        const window = windowOf(question)
        if (window === undefined || long.has(nameOf(question.userId, window))) return undefined
        const key = `${window.types.join(' ')} ${String(window.withData)}`
        const { window: { from, to }, userIds } = groups.get(key) ?? { window, userIds: new Set() }
        // One read for events that look at the same types, whatever their dates: `decide` passes over what is not an event's own.
        groups.set(key, { window: { ...window, from: window.from < from ? window.from : from, to: window.to > to ? window.to : to }, userIds: userIds.add(question.userId) })
        return key
      })
      const read = new Map(await Promise.all([...groups].map(async ([key, { window, userIds }]) => [key, await readWindow([...userIds], window)] as const)))
      return questions.map(({ event, userId }, index) => {
        if (event.condition === null) return noEvidence
        const own = read.get(windows[index] ?? '')?.get(userId)
        return own === undefined ? undefined : { activities: own }
      })
    },
    async readLong (question) {
      const window = windowOf(question)
      if (window === undefined) return noEvidence
      const key = snapshotKey(question)
      const snapshot = await snapshots.find(question.userId, key)
      const { activities: fresh, readAt } = await activities.ofUser(question.userId, window, snapshot?.upTo)
      // Nobody waits for what only saves time later, or is told that it failed.
      if (fresh.length > longFrom) save(question, key, snapshot, fresh, readAt).catch(() => undefined)
      if (snapshot === null) return { activities: fresh }
      const leaves = leavesOf(question.event.condition as Condition)
      const tallies = new Map(leaves.map((leaf, index): [string, Tally | undefined] => [countedBy(leaf), snapshot.tallies[index]]))
      return { activities: fresh, snapshotOf: leaf => tallies.get(countedBy(leaf)) }
    },
    async readAll (question) {
      const window = windowOf(question)
      return window === undefined ? [] : (await activities.ofUser(question.userId, window)).activities
    }
  }
}
