import type { ReportedActivity } from '../domain/activity.ts'
import type { ActivityStore, Inserted } from '../stores/activities.ts'
import { createGroupCommit, type GroupCommitOptions } from './group-commit.ts'

/** Stores the activities of one request. Returns how many were new and how many were already stored. */
export type Ingest = (activities: readonly ReportedActivity[]) => Promise<Inserted>

/** The maximum number of activities that one command stores. */
const maxBatch = 5000

/** Stores the activities of concurrent requests in one command. */
export function createIngestion (
  activities: ActivityStore, options: Pick<GroupCommitOptions, 'onBatch' | 'tracer'>
): Ingest {
  const submit = createGroupCommit<readonly ReportedActivity[], Inserted>(
    activities.insert,
    { maxWeight: maxBatch, parallel: 2, ...options }
  )
  return async sent => await submit(sent, sent.length)
}
