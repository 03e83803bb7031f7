import type { Leaf } from '@laurel/shared/contracts'
import { activityTypesOf, leavesOf, needsData } from '../domain/condition.ts'
import type { RewardEvent } from '../domain/event.ts'
import { canonicalJson, fingerprint } from '../domain/canonical-json.ts'
import { periodAt } from '../domain/period.ts'
import type { Window } from '../stores/activities.ts'

/** Which evidence is needed. */
export interface EvidenceQuery {
  readonly event: RewardEvent
  readonly userId: string
  /** An instant in the period. For a manual grant, this may be an earlier period. */
  readonly within: Date
}

/** Returns which stored activities a query needs, or `undefined` if the condition counts none. */
export function windowOf ({ event, within }: EvidenceQuery): Window | undefined {
  const { condition } = event
  if (condition === null) return undefined
  const types = activityTypesOf(condition).sort()
  if (types.length === 0) return undefined
  const { from, to } = periodAt(event, within)
  return { types, from, to, withData: needsData(condition) }
}

/** Returns a key for what a leaf counts. Leaves that differ only in `target`, `grace` and `label` have the same key. */
export function leafKey ({ target, grace, label, ...leaf }: Leaf): string {
  return canonicalJson(leaf)
}

/** Returns the key of the count that a snapshot keeps for an event in a period. */
export function snapshotKey ({ event, within }: EvidenceQuery): string {
  const { timeZone, dayStartsAt, weekStartsOn, claimPeriod, startsAt, endsAt } = event
  const leaves = leavesOfEvent(event).map(leafKey)
  const period = periodAt(event, within).name
  return fingerprint({ leaves, timeZone, dayStartsAt, weekStartsOn, claimPeriod, startsAt, endsAt, period })
}

/** Returns the leaves of the event's condition; none if it has no condition. */
export function leavesOfEvent ({ condition }: RewardEvent): Leaf[] {
  return condition === null ? [] : leavesOf(condition)
}
