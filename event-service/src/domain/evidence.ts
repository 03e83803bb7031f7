import type { Leaf } from '@laurel/shared/contracts'
import type { CountableActivity, Tally } from './tally.ts'

/** The data about a user that a decision reads: activities, and the snapshot of all activities before them. */
export interface Evidence {
  readonly activities: readonly CountableActivity[]
  /** Returns the tally of a leaf for activities that are not listed. Absent if all activities are listed. */
  readonly snapshotOf?: (leaf: Leaf) => Tally | undefined
}

export const noEvidence: Evidence = { activities: [] }
