import type { CallerRole } from '@laurel/shared/contracts'
import { Failed } from '../batch.ts'
import { eventNotFound, isOpenTo, type RewardEvent } from '../domain/event.ts'
import type { Evidence } from '../domain/evidence.ts'
import { periodNotFound, type ManualGrant } from '../domain/grant.ts'
import { instantOf } from '../domain/period.ts'
import type { EvidenceQuery } from './evidence-query.ts'

/** A request that needs a decision: a claim request, or a request for a user's progress. */
export interface DecisionRequest {
  readonly eventId: string
  readonly userId: string
  readonly role: CallerRole
  /** Set if an operator grants the rewards manually. Then `role` is the operator's. */
  readonly manualGrant?: ManualGrant
  /** The user's long history, if it was read separately, and the `snapshotKey` that it was read for. */
  readonly history?: { readonly key: string, readonly evidence: Evidence }
}

/** Returns which evidence a request needs, or `Failed` with a 404 if the event or the period does not exist. */
export function toEvidenceQuery (
  { userId, role, manualGrant }: DecisionRequest, event: RewardEvent | undefined, now: Date
): EvidenceQuery | Failed {
  if (event === undefined || !isOpenTo(role, event)) return new Failed(eventNotFound())
  const period = manualGrant?.period
  if (period === undefined) return { event, userId, within: now }
  const within = instantOf(period, event, now)
  return within === undefined ? new Failed(periodNotFound()) : { event, userId, within }
}
