import type { BatchTracer } from '@laurel/shared/tracing'
import type { ReportedActivity } from '../domain/activity.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { createGroupCommit } from './group-commit.ts'

export interface Ingested {
  readonly accepted: number
  readonly duplicates: number
}

/** Stores the activities of one request. Returns how many were new and how many were already stored. */
export type Ingest = (activities: readonly ReportedActivity[]) => Promise<Ingested>

/** The maximum number of activities that one command stores. */
const maxBatch = 5000

/** Stores the activities of concurrent requests in one command. */
export function createIngestion (
  activities: ActivityStore, onBatch: (requests: number) => void, tracer?: BatchTracer
): Ingest {
  const submit = createGroupCommit<readonly ReportedActivity[], Ingested>(
    activities.insert,
    { maxWeight: maxBatch, parallel: 2, onBatch, tracer }
  )
  return async sent => await submit(sent, sent.length)
}
