import { isDeepStrictEqual } from 'node:util'
import { Failed, groupBy, isolateAsync } from '../batch.ts'
import { noEvidence, type Evidence } from '../domain/evidence.ts'
import type { CountableActivity } from '../domain/tally.ts'
import type { ActivityRead, ActivityStore, UserActivities, Window } from '../stores/activities.ts'
import type { SnapshotStore } from '../stores/snapshots.ts'
import { windowOf, type Question } from './evidence-question.ts'
import { createLongHistoryReader, longHistory } from './long-histories.ts'

/**
 * The result of a shared read for one user. `long`: the history is read separately, so that other users do not wait.
 */
export type EvidenceOutcome = Evidence | 'long' | Failed

/** The result of an earlier read. */
export interface PrefetchedRead {
  readonly read: ActivityRead
  readonly found: readonly UserActivities[]
}

export interface EvidenceReader {
  /**
   * Reads the evidence of many users together. A question that fails does not affect the others.
   * @param prefetched the result of an earlier read. It is used if the next read would be the same.
   */
  readMany: (
    questions: readonly Question[], prefetched?: PrefetchedRead
  ) => Promise<ReadonlyMap<Question, EvidenceOutcome>>
  /** Returns the read that `readMany` makes for this question alone, or `undefined` if it needs none. */
  readOf: (question: Question) => ActivityRead | undefined
  /** Reads one history of any length, with the help of its snapshot. */
  readLong: (question: Question) => Promise<Evidence>
  /** Reads one history of any length without its snapshot. */
  readAll: (question: Question) => Promise<Evidence>
}

/** The maximum number of activities that a shared read returns. */
const readLimit = 5000
const maxKnownLong = 100_000

/** A question that shares a read with others. */
interface PlannedRead {
  readonly question: Question
  readonly window: Window
}

export function createEvidenceReader (activities: ActivityStore, snapshots: SnapshotStore): EvidenceReader {
  /** Users with long histories. They are excluded from further shared reads. */
  const knownLong = new Set<string>()

  function rememberLong (userId: string, window: Window): void {
    if (knownLong.size >= maxKnownLong) knownLong.clear()
    knownLong.add(historyKey(userId, window))
  }

  /** Returns the activities of each user. Users with a long history may be missing. */
  async function readWindow (
    userIds: readonly string[], window: Window, prefetched: PrefetchedRead | undefined
  ): Promise<ReadonlyMap<string, readonly CountableActivity[]>> {
    const found = new Map<string, CountableActivity[]>(userIds.map(userId => [userId, []]))
    let rest = userIds.toSorted()
    while (rest.length > 0) {
      let [count, last] = [0, '']
      const next = { userIds: rest, window, limit: readLimit }
      const rows = prefetched !== undefined && isDeepStrictEqual(prefetched.read, next)
        ? prefetched.found
        : await activities.ofUsers(rest, window, readLimit)
      for (const { userId, activities: own } of rows) {
        found.get(userId)?.push(...own)
        count += own.length
        if (userId > last) last = userId
      }
      if (count < readLimit) break
      // The activities of the last user may be incomplete because of the limit.
      const isLong = (found.get(last) as readonly CountableActivity[]).length > longHistory
      rest = rest.filter(userId => userId > last || (userId === last && !isLong))
      if (isLong) found.delete(last)
      else found.set(last, [])
    }
    return found
  }

  /** Answers questions that share one read. */
  async function readTogether (
    reads: readonly PlannedRead[], prefetched: PrefetchedRead | undefined
  ): Promise<Array<[Question, EvidenceOutcome]>> {
    const userIds = [...new Set(reads.map(({ question }) => question.userId))]
    const window = reads.map(({ window }) => window).reduce(union)
    const found = await isolateAsync(async () => await readWindow(userIds, window, prefetched))
    if (found instanceof Failed) return reads.map(({ question }) => [question, found])
    for (const userId of userIds) {
      if ((found.get(userId)?.length ?? Infinity) > longHistory) rememberLong(userId, window)
    }
    return reads.map(({ question }) => {
      const own = found.get(question.userId)
      return [question, own === undefined ? 'long' : { activities: own }]
    })
  }

  /** Returns the window to read for a question, or its outcome if it needs no shared read. */
  function plan (question: Question): Window | EvidenceOutcome {
    const window = windowOf(question)
    if (window === undefined) return noEvidence
    return knownLong.has(historyKey(question.userId, window)) ? 'long' : window
  }

  return {
    async readMany (questions, prefetched) {
      const outcomes = new Map<Question, EvidenceOutcome>()
      const reads: PlannedRead[] = []
      for (const question of questions) {
        const planned = plan(question)
        if (isWindow(planned)) reads.push({ question, window: planned })
        else outcomes.set(question, planned)
      }
      const groups = groupBy(reads, ({ window }) => sharedReadKey(window))
      const found = await Promise.all([...groups.values()].map(async group => await readTogether(group, prefetched)))
      for (const [question, outcome] of found.flat()) outcomes.set(question, outcome)
      return outcomes
    },
    readOf (question) {
      const window = plan(question)
      return isWindow(window) ? { userIds: [question.userId], window, limit: readLimit } : undefined
    },
    readLong: createLongHistoryReader(activities, snapshots),
    async readAll (question) {
      const window = windowOf(question)
      if (window === undefined) return noEvidence
      return { activities: (await activities.ofUser(question.userId, window)).activities }
    }
  }
}

function isWindow (planned: Window | EvidenceOutcome): planned is Window {
  return typeof planned === 'object' && 'types' in planned
}

function historyKey (userId: string, { types }: Window): string {
  return `${userId} ${types.join(' ')}`
}

/**
 * One read serves all events that count the same types, because the domain ignores activities outside of an event's
 * dates.
 */
function sharedReadKey ({ types, withData }: Window): string {
  return `${types.join(' ')} ${String(withData)}`
}

function union (a: Window, b: Window): Window {
  return { ...a, from: a.from < b.from ? a.from : b.from, to: a.to > b.to ? a.to : b.to }
}
