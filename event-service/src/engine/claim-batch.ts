import { Failed, inOrder, partition, zip } from '../batch.ts'
import { isFinal, type Claim, type FinalClaim } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { requireNotPaused } from '../domain/pause.ts'
import { capacityOf } from '../domain/reward.ts'
import { claimId, type ClaimStore, type Recorded } from '../stores/claims.ts'
import { stockId } from '../stores/stock-key.ts'
import type { Assessor } from './assess.ts'
import {
  earlierKeys, groupByClaim, isManual, outcomesForAll, slotLimit, stockKeyOf, toAttempts,
  type ClaimGroup, type ClaimRequest, type IndexedOutcome, type Member, type ReadyClaim, type Step
} from './claim-group.ts'
import { finalOutcome, type ClaimOutcome } from './claim-outcome.ts'
import type { RunBatch } from './group-commit.ts'
import { outcomesOf, refusedOutcomes } from './record-outcomes.ts'
import type { StockLease, SlotAllocator } from './slots.ts'

export interface ClaimBatchOptions {
  readonly assessor: Assessor
  readonly claims: ClaimStore
  readonly slots: SlotAllocator
}

/** A claim that was passed to the store, and its outcome. */
type RecordedClaim = readonly [claim: ReadyClaim, outcome: Recorded]

/**
 * The claim engine as a function from a batch of requests to their outcomes; README.md explains the steps. Only the
 * unique indexes of the claims decide who gets a reward, so no claim has to be repaired if a process dies. The sweeper
 * returns the slots that the process had leased.
 */
export function createClaimBatch (options: ClaimBatchOptions): RunBatch<ClaimRequest, ClaimOutcome> {
  const { assessor, claims, slots } = options
  return async requests => {
    const at = new Date()
    const assessed = await assessor.assess(requests, at, { check: requireNotPaused, needsClaim })
    const decided = groupByClaim(zip(requests, assessed), at)
    const replayed = await resolveReplays(decided.open)
    const final = await resolveFinal(replayed.open)
    const recorded = await acquireAndRecord(final.open)
    return inOrder([...decided.outcomes, ...replayed.outcomes, ...final.outcomes, ...recorded])
  }

  /**
   * Resolves requests whose `Idempotency-Key` created a claim of an earlier period, because a day, week or month ended
   * in between. Within one period, `finalOutcome` recognizes the key.
   */
  async function resolveReplays (groups: readonly ClaimGroup[]): Promise<Step> {
    const earlier = groups.map(group => hasIdempotencyKey(group) ? earlierKeys(group) : [])
    const found = await claims.findMany(earlier.flat())
    if (found.size === 0) return { outcomes: [], open: groups }

    const steps = zip(groups, earlier).map(([group, keys]) => {
      const candidates = keys.flatMap(key => found.get(claimId(key)) ?? [])
      return resolveSome(group, ({ idempotencyKey }) => {
        const claim = candidates.filter(isGrant).find(({ grantKey }) => grantKey === idempotencyKey)
        return claim === undefined ? undefined : { type: 'replayed', claim }
      })
    })
    return joinSteps(steps)
  }

  /**
   * Resolves requests for claims that are already final. This is needed for limited claims, so that they do not acquire
   * a slot, and for manual grants, because their refusals are not recorded and therefore never collide with the final
   * claim. All other requests find the final claim when they are inserted.
   */
  async function resolveFinal (groups: readonly ClaimGroup[]): Promise<Step> {
    const unread = groups.filter(group =>
      group.claim === undefined && (slotLimit(group) !== undefined || isManual(group)))
    const found = await claims.findMany(unread.map(({ key }) => key))
    const steps = groups.map((group): Step => {
      const claim = group.claim ?? found.get(claimId(group.key))
      if (claim instanceof Failed) return { outcomes: outcomesForAll(group, () => claim), open: [] }
      if (claim === undefined || !isFinal(claim)) return { outcomes: [], open: [group] }
      const { progress } = group.decision
      return { outcomes: outcomesForAll(group, ({ request }) => finalOutcome(claim, request, progress)), open: [] }
    })
    return joinSteps(steps)
  }

  /** Acquires slots and records the claims. A claim whose slot another claim holds is deferred. */
  async function acquireAndRecord (groups: readonly ClaimGroup[]): Promise<readonly IndexedOutcome[]> {
    const { ready, outcomes, leases } = await slots.acquire(groups)
    const [unrecorded, recordable] = partition(ready, isUnrecorded)
    const recorded = zip(recordable, await claims.record(recordable.map(toAttempts)))
    const released = release(leases, recorded)
    return [
      ...outcomes,
      ...unrecorded.flatMap(refusedOutcomes),
      ...recorded.flatMap(([claim, outcome]) => outcomesOf(claim, outcome, released))
    ]
  }

  /**
   * Ends leases. Responses do not wait for this. If it fails, or if `record` throws before it, the sweeper ends the
   * leases.
   */
  async function release (leases: readonly StockLease[], recorded: readonly RecordedClaim[]): Promise<void> {
    await Promise.all(leases.map(async lease => {
      const unused = unusedSlots(lease, recorded)
      if (unused !== undefined) await slots.release(lease, unused).catch(() => undefined)
    }))
  }
}

/** Whether `resolveFinal` will probably read the claim of a request. */
function needsClaim (event: RewardEvent, { manualGrant }: ClaimRequest): boolean {
  return capacityOf(event) !== undefined || manualGrant !== undefined
}

/** Whether a claim was read successfully and was granted with an `Idempotency-Key`. */
function isGrant (claim: Claim | Failed): claim is FinalClaim & { readonly grantKey: string } {
  return !(claim instanceof Failed) && isFinal(claim) && claim.grantKey !== undefined
}

/** Resolves the requests of a group that have an outcome. The others stay open. */
function resolveSome (group: ClaimGroup, outcomeOf: (request: ClaimRequest) => ClaimOutcome | undefined): Step {
  const outcomes: IndexedOutcome[] = []
  const rest: Member[] = []
  for (const member of group.members) {
    const outcome = outcomeOf(member.request)
    if (outcome === undefined) rest.push(member)
    else outcomes.push({ index: member.index, outcome })
  }
  const [first, ...others] = rest
  return { outcomes, open: first === undefined ? [] : [{ ...group, members: [first, ...others] }] }
}

/** A refused manual grant is not recorded. */
function isUnrecorded ({ group, decision }: ReadyClaim): boolean {
  return isManual(group) && decision.refusal !== undefined
}

/**
 * Returns the slots of a lease that no claim holds. Returns `undefined` if a write failed, because it is then unknown
 * whether a claim holds the slot. Then the whole lease stays open until the sweeper compares it with the claims.
 */
function unusedSlots ({ key, slots }: StockLease, recorded: readonly RecordedClaim[]): readonly number[] | undefined {
  const held = new Set<number>()
  for (const [{ group, slot }, outcome] of recorded) {
    if (slot === undefined || stockId(stockKeyOf(group)) !== stockId(key)) continue
    if (outcome instanceof Failed) return undefined
    if (outcome.type === 'accepted' || outcome.type === 'collided') held.add(slot)
  }
  return slots.filter(slot => !held.has(slot))
}

function joinSteps (steps: readonly Step[]): Step {
  return { outcomes: steps.flatMap(({ outcomes }) => outcomes), open: steps.flatMap(({ open }) => open) }
}

function hasIdempotencyKey ({ members }: ClaimGroup): boolean {
  return members.some(({ request }) => request.idempotencyKey !== undefined)
}
