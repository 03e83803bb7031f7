import { isDeepStrictEqual } from 'node:util'
import { Failed, groupBy, isolateAsync } from '../batch.ts'
import { noEvidence, type Evidence } from '../domain/evidence.ts'
import type { CountableActivity } from '../domain/tally.ts'
import type { ActivityRead, ActivityStore, UserActivities, Window } from '../stores/activities.ts'
import type { SnapshotStore } from '../stores/snapshots.ts'
import { windowOf, type EvidenceQuery } from './evidence-query.ts'
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
   * Reads the evidence of many users together. A query that fails does not affect the others.
   * @param prefetched the result of an earlier read. It is used if the next read would be the same.
   */
  readMany: (
    queries: readonly EvidenceQuery[], prefetched?: PrefetchedRead
  ) => Promise<ReadonlyMap<EvidenceQuery, EvidenceOutcome>>
  /** Returns the read that `readMany` makes for this query alone, or `undefined` if it needs none. */
  readOf: (query: EvidenceQuery) => ActivityRead | undefined
  /** Reads one history of any length, with the help of its snapshot. */
  readLong: (query: EvidenceQuery) => Promise<Evidence>
  /** Reads one history of any length without its snapshot. */
  readAll: (query: EvidenceQuery) => Promise<Evidence>
}

/** The maximum number of activities that a shared read returns. */
const readLimit = 5000
const maxKnownLong = 100_000

/** A query that shares a read with others. */
interface PlannedRead {
  readonly query: EvidenceQuery
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

  /** Answers queries that share one read. */
  async function readTogether (
    reads: readonly PlannedRead[], prefetched: PrefetchedRead | undefined
  ): Promise<Array<[EvidenceQuery, EvidenceOutcome]>> {
    const userIds = [...new Set(reads.map(({ query }) => query.userId))]
    const window = reads.map(({ window }) => window).reduce(union)
    const found = await isolateAsync(async () => await readWindow(userIds, window, prefetched))
    if (found instanceof Failed) return reads.map(({ query }) => [query, found])
    for (const userId of userIds) {
      if ((found.get(userId)?.length ?? Infinity) > longHistory) rememberLong(userId, window)
    }
    return reads.map(({ query }) => {
      const own = found.get(query.userId)
      return [query, own === undefined ? 'long' : { activities: own }]
    })
  }

  /** Returns the window to read for a query, or its outcome if it needs no shared read. */
  function plan (query: EvidenceQuery): Window | EvidenceOutcome {
    const window = windowOf(query)
    if (window === undefined) return noEvidence
    return knownLong.has(historyKey(query.userId, window)) ? 'long' : window
  }

  return {
    async readMany (queries, prefetched) {
      const outcomes = new Map<EvidenceQuery, EvidenceOutcome>()
      const reads: PlannedRead[] = []
      for (const query of queries) {
        const planned = plan(query)
        if (isWindow(planned)) reads.push({ query, window: planned })
        else outcomes.set(query, planned)
      }
      const groups = groupBy(reads, ({ window }) => sharedReadKey(window))
      const found = await Promise.all([...groups.values()].map(async group => await readTogether(group, prefetched)))
      for (const [query, outcome] of found.flat()) outcomes.set(query, outcome)
      return outcomes
    },
    readOf (query) {
      const window = plan(query)
      return isWindow(window) ? { userIds: [query.userId], window, limit: readLimit } : undefined
    },
    readLong: createLongHistoryReader(activities, snapshots),
    async readAll (query) {
      const window = windowOf(query)
      if (window === undefined) return noEvidence
      return { activities: (await activities.ofUser(query.userId, window)).activities }
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
