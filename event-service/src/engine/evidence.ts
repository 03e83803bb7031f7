import { isDeepStrictEqual } from 'node:util'
import { Failed, groupBy, isolateAsync } from '../batch.ts'
import { noEvidence, type Evidence } from '../domain/evidence.ts'
import type { CountableActivity } from '../domain/tally.ts'
import type { ActivityRead, ActivityStore, UserActivities, Window } from '../stores/activities.ts'
import type { SnapshotStore } from '../stores/snapshots.ts'
import { windowOf, type EvidenceQuery } from './evidence-query.ts'
import { createLongHistoryReader, longHistoryThreshold } from './long-histories.ts'

/** The result of a shared read for one user. */
export type EvidenceOutcome =
  | { readonly type: 'evidence', readonly evidence: Evidence }
  /** The history is long, so it is read separately. Otherwise, other users would wait. */
  | { readonly type: 'long' }
  | Failed

/** The result of an earlier read. */
interface PrefetchedRead {
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

/** A query whose activities are read together with those of other queries. */
interface SharedRead {
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

  async function readOnce (
    read: ActivityRead, prefetched: PrefetchedRead | undefined
  ): Promise<readonly UserActivities[]> {
    if (prefetched !== undefined && isDeepStrictEqual(prefetched.read, read)) return prefetched.found
    return await activities.ofUsers(read.userIds, read.window, read.limit)
  }

  /** Returns the activities of each user. Users with a long history may be missing. */
  async function readWindow (
    userIds: readonly string[], window: Window, prefetched: PrefetchedRead | undefined
  ): Promise<ReadonlyMap<string, readonly CountableActivity[]>> {
    const found = new Map<string, CountableActivity[]>(userIds.map(userId => [userId, []]))
    let rest = userIds.toSorted()
    while (rest.length > 0) {
      const read = await readOnce({ userIds: rest, window, limit: readLimit }, prefetched)
      let count = 0
      for (const { userId, activities: own } of read) {
        found.get(userId)?.push(...own)
        count += own.length
      }
      if (count < readLimit) break
      const last = lastUserOf(read)
      const isLong = (found.get(last) as readonly CountableActivity[]).length > longHistoryThreshold
      // The activities of the last user may be incomplete because of the limit.
      if (isLong) found.delete(last)
      else found.set(last, [])
      rest = rest.filter(userId => userId > last || (userId === last && !isLong))
    }
    return found
  }

  /** Reads the evidence for queries that share one read. */
  async function readTogether (
    reads: readonly SharedRead[], prefetched: PrefetchedRead | undefined
  ): Promise<Array<[EvidenceQuery, EvidenceOutcome]>> {
    const userIds = [...new Set(reads.map(({ query }) => query.userId))]
    const window = reads.map(({ window }) => window).reduce(union)
    const found = await isolateAsync(async () => await readWindow(userIds, window, prefetched))
    if (found instanceof Failed) return reads.map(({ query }) => [query, found])
    for (const userId of userIds) {
      if ((found.get(userId)?.length ?? Infinity) > longHistoryThreshold) rememberLong(userId, window)
    }
    return reads.map(({ query }) => {
      const own = found.get(query.userId)
      return [query, own === undefined ? long : evidenceOf({ activities: own })]
    })
  }

  /** Returns the window to read for a query, or its outcome if it needs no shared read. */
  function plan (query: EvidenceQuery): { type: 'read', window: Window } | EvidenceOutcome {
    const window = windowOf(query)
    if (window === undefined) return evidenceOf(noEvidence)
    return knownLong.has(historyKey(query.userId, window)) ? long : { type: 'read', window }
  }

  return {
    async readMany (queries, prefetched) {
      const outcomes = new Map<EvidenceQuery, EvidenceOutcome>()
      const reads: SharedRead[] = []
      for (const query of queries) {
        const planned = plan(query)
        if (planned.type === 'read') reads.push({ query, window: planned.window })
        else outcomes.set(query, planned)
      }
      const groups = groupBy(reads, ({ window }) => sharedReadKey(window))
      const found = await Promise.all([...groups.values()].map(async group => await readTogether(group, prefetched)))
      for (const [query, outcome] of found.flat()) outcomes.set(query, outcome)
      return outcomes
    },
    readOf (query) {
      const planned = plan(query)
      if (planned.type !== 'read') return undefined
      return { userIds: [query.userId], window: planned.window, limit: readLimit }
    },
    readLong: createLongHistoryReader(activities, snapshots),
    async readAll (query) {
      const window = windowOf(query)
      if (window === undefined) return noEvidence
      return { activities: (await activities.ofUser(query.userId, window)).activities }
    }
  }
}

const long: EvidenceOutcome = { type: 'long' }

function evidenceOf (evidence: Evidence): EvidenceOutcome {
  return { type: 'evidence', evidence }
}

function lastUserOf (read: readonly UserActivities[]): string {
  let last = ''
  for (const { userId } of read) if (userId > last) last = userId
  return last
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
