import { zip } from '../batch.ts'
import { tallyOf } from '../domain/condition.ts'
import { noEvidence, type Evidence } from '../domain/evidence.ts'
import { belongsTo, periodAt } from '../domain/period.ts'
import type { ActivityStore, History } from '../stores/activities.ts'
import { maxWriteTime } from '../stores/max-write-time.ts'
import type { Snapshot, SnapshotStore } from '../stores/snapshots.ts'
import { leafKey, leavesOfEvent, snapshotKey, windowOf, type EvidenceQuery } from './evidence-query.ts'

/** A user with more activities than this has a long history, whose result is stored as a snapshot. */
export const longHistoryThreshold = 200
/** The maximum number of distinct values in a snapshot. */
const maxSeen = 10_000
/**
 * A snapshot includes the activities that arrived at least this long before the read, in seconds. `receivedAt` is set
 * before a write becomes visible, so a read may not see activities that arrived shortly before it. This is a multiple
 * of `maxWriteTime`, as a safety margin.
 */
const minActivityAge = 4 * maxWriteTime / 1000

/** Reads one history of any length: the snapshot, and the activities that arrived after it. */
export function createLongHistoryReader (
  activities: ActivityStore, snapshots: SnapshotStore
): (query: EvidenceQuery) => Promise<Evidence> {
  async function saveSnapshot (
    query: EvidenceQuery, key: string, before: Snapshot | null, tail: History
  ): Promise<void> {
    const snapshot = nextSnapshot(query, before, tail)
    if (snapshot !== undefined) await snapshots.save(query.userId, key, snapshot)
  }

  return async query => {
    const window = windowOf(query)
    if (window === undefined) return noEvidence
    const key = snapshotKey(query)
    const snapshot = await snapshots.find(query.userId, key)
    const tail = await activities.ofUser(query.userId, window, snapshot?.upTo)
    // A snapshot only speeds up later reads, so responses do not wait for it. If saving fails, the next read tries
    // again.
    if (tail.activities.length > longHistoryThreshold) saveSnapshot(query, key, snapshot, tail).catch(() => undefined)
    return snapshot === null ? { activities: tail.activities } : withSnapshot(query, snapshot, tail)
  }
}

function withSnapshot ({ event }: EvidenceQuery, { tallies }: Snapshot, { activities }: History): Evidence {
  const leaves = leavesOfEvent(event)
  const counted = new Map(zip(leaves.map(leafKey), tallies))
  return { activities, snapshotOf: leaf => counted.get(leafKey(leaf)) }
}

/** Returns the snapshot that replaces `before`, or `undefined` if it would not help or would be too large. */
function nextSnapshot ({ event, within }: EvidenceQuery, before: Snapshot | null, tail: History): Snapshot | undefined {
  const upTo = Math.max(0, tail.readAt - minActivityAge)
  const period = periodAt(event, within)
  const included = tail.activities.filter(({ arrivedAt }) => arrivedAt < upTo)
  if (included.length < longHistoryThreshold) return undefined
  const counted = included.filter(({ occurredAt }) => belongsTo(period, occurredAt, event))
  const tallies = leavesOfEvent(event).map((leaf, index) =>
    tallyOf(leaf, counted, event, before?.tallies[index]))
  return tallies.some(({ seen }) => seen.size > maxSeen) ? undefined : { upTo, tallies }
}
