import { Failed, inOrder, partition, zip } from '../batch.ts'
import { isFinal, type Claim, type FinalClaim } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { requireNotPaused } from '../domain/pause.ts'
import { capacityOf } from '../domain/reward-definition.ts'
import { claimId, type ClaimKey, type ClaimStore, type Recorded } from '../stores/claims.ts'
import { stockId } from '../stores/stock-key.ts'
import type { Assessor } from './assess.ts'
import {
  answerAll, capacityFor, earlierPeriods, groupByClaim, isManual, stockKeyOf, toAttempts,
  type Answer, type ClaimGroup, type ClaimRequest, type ReadyClaim, type Step
} from './claim-group.ts'
import { answersOf, refusedAnswers } from './claim-answers.ts'
import { finalOutcome, type ClaimOutcome } from './claim-outcome.ts'
import type { RunBatch } from './group-commit.ts'
import type { EventLease, SlotAllocator } from './slots.ts'

export interface ClaimBatchOptions {
  readonly assessor: Assessor
  readonly claims: ClaimStore
  readonly slots: SlotAllocator
}

/** A claim that was passed to the store, and the outcome. */
type Written = readonly [claim: ReadyClaim, recorded: Recorded]

/**
 * The claim engine as a function from a batch of requests to their outcomes; README.md explains the steps. Only the
 * unique indexes of the claims decide who gets a reward, so there is nothing to repair if a process dies.
 */
export function createClaimBatch (options: ClaimBatchOptions): RunBatch<ClaimRequest, ClaimOutcome> {
  const { assessor, claims, slots } = options
  return async requests => {
    const at = new Date()
    const assessed = await assessor.assess(requests, at, { check: requireNotPaused, needsClaim })
    const decided = groupByClaim(zip(requests, assessed), at)
    const replayed = await answerReplays(decided.open)
    const final = await answerFinal(replayed.open)
    const written = await write(final.open)
    return inOrder([...decided.answers, ...replayed.answers, ...final.answers, ...written])
  }

  /**
   * Answers requests whose `Idempotency-Key` created a claim of an earlier period, because a day ended in between.
   * Within one period, `finalOutcome` recognizes the key.
   */
  async function answerReplays (groups: readonly ClaimGroup[]): Promise<Step> {
    const earlier = groups.map(group => hasIdempotencyKey(group)
      ? earlierPeriods(group).map((period): ClaimKey => ({ ...group.key, period }))
      : [])
    const found = await claims.findMany(earlier.flat())
    if (found.size === 0) return { answers: [], open: groups }

    const steps = zip(groups, earlier).map(([group, keys]) => {
      const candidates = keys.flatMap(key => found.get(claimId(key)) ?? [])
      return answerSome(group, ({ idempotencyKey }) => {
        const claim = candidates.filter(isGrant).find(({ grantKey }) => grantKey === idempotencyKey)
        return claim === undefined ? undefined : { type: 'replayed', claim }
      })
    })
    return { answers: steps.flatMap(({ answers }) => answers), open: steps.flatMap(({ open }) => open) }
  }

  /**
   * Answers requests for claims that are already final. This is needed for limited claims, so that they do not acquire
   * a slot, and for manual grants, because their refusals are not recorded and therefore never collide with the final
   * claim. All other requests find the final claim when they are inserted.
   */
  async function answerFinal (groups: readonly ClaimGroup[]): Promise<Step> {
    const unread = groups.filter(group =>
      group.claim === undefined && (capacityFor(group) !== undefined || isManual(group)))
    const found = await claims.findMany(unread.map(({ key }) => key))
    const steps = groups.map((group): Step => {
      const claim = group.claim ?? found.get(claimId(group.key))
      if (claim instanceof Failed) return { answers: answerAll(group, () => claim), open: [] }
      if (claim === undefined || !isFinal(claim)) return { answers: [], open: [group] }
      const { progress } = group.decision
      return { answers: answerAll(group, ({ request }) => finalOutcome(claim, request, progress)), open: [] }
    })
    return { answers: steps.flatMap(({ answers }) => answers), open: steps.flatMap(({ open }) => open) }
  }

  /**
   * Acquires slots and writes the claims. If another claim holds the slot of a claim, it is retried with another slot.
   */
  async function write (groups: readonly ClaimGroup[]): Promise<readonly Answer[]> {
    if (groups.length === 0) return []
    const { ready, answers, leases } = await slots.acquire(groups)
    const [unrecorded, recordable] = partition(ready, isUnrecorded)
    const written = zip(recordable, await claims.record(recordable.map(toAttempts)))
    const released = release(leases, written)

    const collided = written.flatMap(([{ group }, recorded]) => recorded.type === 'collided' ? [group] : [])
    // The released slots may be the only ones left.
    if (collided.length > 0) await released
    const done = written.flatMap(([claim, recorded]) => answersOf(claim, recorded))
    return [...answers, ...unrecorded.flatMap(refusedAnswers), ...done, ...await write(collided)]
  }

  /** Ends leases. Responses do not wait for this. If it fails, the sweeper ends the leases. */
  async function release (leases: readonly EventLease[], written: readonly Written[]): Promise<void> {
    await Promise.all(leases.map(async lease => {
      const unused = unusedSlots(lease, written)
      if (unused !== undefined) await slots.release(lease, unused).catch(() => undefined)
    }))
  }
}

/** Whether `answerFinal` will probably read the claim of a request. */
function needsClaim (event: RewardEvent, { manualGrant }: ClaimRequest): boolean {
  return capacityOf(event) !== undefined || manualGrant !== undefined
}

/** Whether a claim was read successfully and was granted with an `Idempotency-Key`. */
function isGrant (claim: Claim | Failed): claim is FinalClaim & { readonly grantKey: string } {
  return !(claim instanceof Failed) && isFinal(claim) && claim.grantKey !== undefined
}

/** Answers the requests of a group that have an outcome. The others stay open. */
function answerSome (group: ClaimGroup, outcomeOf: (request: ClaimRequest) => ClaimOutcome | undefined): Step {
  const answers: Answer[] = []
  const rest = group.members.filter(({ index, request }) => {
    const outcome = outcomeOf(request)
    if (outcome !== undefined) answers.push({ index, outcome })
    return outcome === undefined
  })
  const [first, ...others] = rest
  return { answers, open: first === undefined ? [] : [{ ...group, members: [first, ...others] }] }
}

/** A refused manual grant is not recorded. */
function isUnrecorded ({ group, decision }: ReadyClaim): boolean {
  return isManual(group) && decision.refusal !== undefined
}

/**
 * Returns the slots of a lease that no claim holds. Returns `undefined` if a write failed, because it is then unknown
 * whether a claim holds the slot; the sweeper compares the lease with the claims.
 */
function unusedSlots ({ key, slots }: EventLease, written: readonly Written[]): readonly number[] | undefined {
  const own = written.filter(([{ group, slot }]) => slot !== undefined && stockId(stockKeyOf(group)) === stockId(key))
  if (own.some(([, recorded]) => recorded instanceof Failed)) return undefined
  const held = new Set(own.flatMap(([{ slot }, { type }]) => type === 'accepted' || type === 'collided' ? [slot] : []))
  return slots.filter(slot => !held.has(slot))
}

function hasIdempotencyKey ({ members }: ClaimGroup): boolean {
  return members.some(({ request }) => request.idempotencyKey !== undefined)
}
