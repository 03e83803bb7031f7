import type { Leaf } from '@laurel/shared/contracts'
import type { Activity, Tally } from './tally.ts'

/** What is known of a user's doings for one event. */
export interface Evidence {
  readonly activities: readonly Activity[]
  /** What each leaf had counted of activities that are not among them; absent: they are all there. */
  readonly before?: (leaf: Leaf) => Tally | undefined
}

export const noEvidence: Evidence = { activities: [] }
