import { Failed, groupBy, partition, type Placed } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import type { Attempt, Decision } from '../domain/decision.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { ManualGrant } from '../domain/grant.ts'
import { claimEntry, type WantedTypes } from '../domain/messages.ts'
import { periodAt } from '../domain/period.ts'
import { capacityOf } from '../domain/reward.ts'
import { stockPeriodOf } from '../domain/stock-per.ts'
import { claimId, type Attempts, type ClaimKey } from '../stores/claims.ts'
import type { StockKey } from '../stores/stock-key.ts'
import type { Assessment, Decided } from './assess.ts'
import type { ClaimOutcome } from './claim-outcome.ts'
import type { DecisionRequest } from './decision-request.ts'
import { Deferred, type BatchOutcome } from './group-commit.ts'

/** One user's request for the rewards of an event. */
export interface ClaimRequest extends DecisionRequest {
  readonly requestId: string
  readonly idempotencyKey?: string
  /** Set if it is waiting for a slot: when it stops waiting, in milliseconds since 1970. */
  readonly waitDeadline?: number
}

/** A claim request and its index in the batch. */
export interface Member {
  readonly index: number
  readonly request: ClaimRequest
}

/** The requests of a batch for one claim. The first one represents all of them. */
export interface ClaimGroup {
  readonly key: ClaimKey
  readonly event: RewardEvent
  readonly decision: Decision
  /** The claim, if it was read together with the event; `null` if there is none. */
  readonly claim?: Claim | Failed | null | undefined
  readonly at: Date
  /** The message types to which webhooks subscribe. */
  readonly wantedTypes: WantedTypes
  readonly members: readonly [Member, ...Member[]]
}

/** The outcome of a request and its index in the batch. */
export type IndexedOutcome = Placed<BatchOutcome<ClaimRequest, ClaimOutcome>>

/** The result of a step of the pipeline: the outcomes so far, and the claims that are still open. */
export interface Step {
  readonly outcomes: readonly IndexedOutcome[]
  readonly open: readonly ClaimGroup[]
}

/** A claim that can be written: it was refused, needs no slot, or has a slot. */
export interface ReadyClaim {
  readonly group: ClaimGroup
  /** With the coupon codes of its slot. */
  readonly decision: Decision
  readonly slot?: number
}

/** The minimum time for which an `Idempotency-Key` is remembered, in milliseconds. */
const keyLifetime = 24 * 60 * 60 * 1000

/**
 * Groups the decided requests by claim. The first request for a claim represents all requests with the same terms. A
 * manual grant and the user's own request have different terms, so the later one is put into a later batch.
 */
export function groupByClaim (
  assessed: ReadonlyArray<readonly [ClaimRequest, Assessment<ClaimRequest>]>, at: Date
): Step {
  const outcomes: IndexedOutcome[] = []
  const decided: ClaimGroup[] = []
  for (const [index, [request, assessment]] of assessed.entries()) {
    if (assessment instanceof Failed || assessment instanceof Deferred) outcomes.push({ index, outcome: assessment })
    else decided.push(toGroup({ index, request }, assessment, at))
  }
  const open = [...groupBy(decided, ({ key }) => claimId(key)).values()].map(([first, ...others]) => {
    const [same, different] = partition(others, other => termsOf(other) === termsOf(first))
    for (const group of different) outcomes.push(...outcomesForAll(group, requeued))
    return merge([first, ...same])
  })
  return { outcomes, open }
}

function toGroup (member: Member, decided: Decided, at: Date): ClaimGroup {
  const { event, decision, claim, settings: { wantedTypes } } = decided
  const key = { eventId: event.id, userId: member.request.userId, period: decision.period }
  return { key, event, decision, claim, at, wantedTypes, members: [member] }
}

function merge ([first, ...others]: readonly [ClaimGroup, ...ClaimGroup[]]): ClaimGroup {
  if (others.length === 0) return first
  return { ...first, members: [...first.members, ...others.flatMap(({ members }) => members)] }
}

/** Returns the outcome of a request that is put into a later batch as it is. */
function requeued ({ request }: Member): Deferred<ClaimRequest> {
  return new Deferred(async () => request)
}

/** Returns an outcome for each request of a group. */
export function outcomesForAll (
  { members }: ClaimGroup, outcomeOf: (member: Member, position: number) => IndexedOutcome['outcome']
): IndexedOutcome[] {
  return members.map((member, position) => ({ index: member.index, outcome: outcomeOf(member, position) }))
}

/** Returns an object that identifies the terms of a group. The manual grants of one list share it for each period. */
function termsOf ({ members: [{ request }] }: ClaimGroup): ManualGrant | undefined {
  return request.manualGrant
}

/** Whether an operator grants the claim manually. Then a refusal is not recorded. */
export function isManual (group: ClaimGroup): boolean {
  return termsOf(group) !== undefined
}

/** Returns how many claims the event can grant, or `undefined` if the group is refused or the event has no limit. */
export function slotLimit ({ event, decision }: Pick<ClaimGroup, 'event' | 'decision'>): number | undefined {
  return decision.refusal === undefined ? capacityOf(event) : undefined
}

/**
 * Returns the keys of the claims of the other periods of the last 24 hours, in which an `Idempotency-Key` is still
 * remembered.
 * It checks two instants because a day may have 23 hours.
 */
export function earlierKeys ({ event, at, key }: Pick<ClaimGroup, 'event' | 'at' | 'key'>): ClaimKey[] {
  if (event.claimPeriod === 'EVENT') return []
  const names = [keyLifetime, keyLifetime / 2].map(age => periodAt(event, new Date(at.getTime() - age)).name)
  return [...new Set(names)].filter(name => name !== key.period).map(period => ({ ...key, period }))
}

/** Returns the key of the stock whose slots the claim of a group uses. */
export function stockKeyOf ({ event, key }: Pick<ClaimGroup, 'event' | 'key'>): StockKey {
  return { eventId: event.id, stockPeriod: stockPeriodOf(event, key.period) }
}

/** Returns the input of the claim store for a claim: one attempt per request. */
export function toAttempts ({ group, decision, slot }: ReadyClaim): Attempts {
  const { key, at, wantedTypes, members: [first, ...others] } = group
  const { stockPeriod } = stockKeyOf(group)
  const outboxEntry = claimEntry(decision.status, at, wantedTypes)
  const toAttempt = ({ request: { role, requestId, idempotencyKey, manualGrant } }: Member): Attempt => ({
    status: decision.status,
    refusal: decision.refusal,
    period: decision.period,
    progress: decision.progress,
    rewards: decision.rewards,
    eventId: key.eventId,
    userId: key.userId,
    role,
    at,
    requestId,
    idempotencyKey,
    slot: stockPeriod === undefined ? slot : undefined,
    periodSlot: stockPeriod === undefined ? undefined : slot,
    stockPeriod,
    manualGrant,
    outboxEntry
  })
  return [toAttempt(first), ...others.map(toAttempt)]
}
