import type { Leaf } from '@laurel/shared/contracts'
import type { CountableActivity, Tally } from './tally.ts'

/** What a decision reads about a user: activities, and the snapshot of what was counted before them. */
export interface Evidence {
  readonly activities: readonly CountableActivity[]
  /** Returns what a leaf has counted of the activities that are not listed. Absent if all activities are listed. */
  readonly snapshotOf?: (leaf: Leaf) => Tally | undefined
}

export const noEvidence: Evidence = { activities: [] }
