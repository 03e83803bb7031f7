import type { ReportedActivity } from '../domain/activity.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { createGroupCommit } from './group-commit.ts'

export interface Ingested {
  readonly accepted: number
  readonly duplicates: number
}

/** Activities that one command writes at most. */
const maxBatch = 5000

/** Writes the activities of senders that come at once in one command; each is told about its own. */
export function createIngestion (activities: ActivityStore, noteBatch: (requests: number) => void): (sent: readonly ReportedActivity[]) => Promise<Ingested> {
  const write = createGroupCommit<readonly ReportedActivity[], Ingested>(async batch => {
    const written = await activities.insert(batch.map(({ input }) => input))
    batch.forEach(({ resolve }, index) => { resolve(written[index] as Ingested) })
  }, { maxWeight: maxBatch, parallel: 2, noteBatch })
  return async sent => await write(sent, sent.length)
}
