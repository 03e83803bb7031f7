import type { BatchTracer } from '@laurel/shared/tracing'
import { Failed, inOrder, zip, type Placed } from '../batch.ts'
import { isFinal, type Claim } from '../domain/claim.ts'
import { evaluateClaim, refuseOutOfStock, type Decision } from '../domain/decision.ts'
import type { RewardEvent } from '../domain/event.ts'
import { capacityOf } from '../domain/reward.ts'
import { stockPeriodOf } from '../domain/stock-per.ts'
import { claimId, type ClaimKey, type ClaimStore } from '../stores/claims.ts'
import { stockId } from '../stores/stock-key.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Assessor } from './assess.ts'
import type { DecisionRequest } from './decision-request.ts'
import type { EvidenceReader } from './evidence.ts'
import { createGroupCommit, type BatchOutcome } from './group-commit.ts'

/** How a claim request of a user would be decided now, and the user's existing claim. */
export interface Eligibility {
  readonly decision: Decision
  /** The claim of the current period. */
  readonly claim: Claim | null
  /** The stock that the claim would use, and how many slots are left, if the claim needs a slot. */
  readonly stock?: { readonly id: string, readonly left: number }
}

/** Determines how claim requests would be decided, without writing anything. */
export interface ProgressReader {
  /** For the caller, now. Concurrent callers share their reads. Throws a 404. */
  read: (request: DecisionRequest) => Promise<Eligibility>
  /** For any user at any instant, as if the event were ACTIVE. */
  evaluate: (event: RewardEvent, userId: string, at?: Date) => Promise<Eligibility>
}

export interface ProgressOptions {
  readonly assessor: Assessor
  readonly evidence: EvidenceReader
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly onBatch: (requests: number) => void
  readonly tracer?: BatchTracer | undefined
}

interface EventEligibility extends Eligibility {
  readonly event: RewardEvent
}

type Outcome = BatchOutcome<DecisionRequest, Eligibility>

const maxBatch = 500

export function createProgress (options: ProgressOptions): ProgressReader {
  const { assessor, evidence, claims, stock, onBatch, tracer } = options

  /** Replaces decisions to grant with refusals if no stock is left. Users who already have a claim are not affected. */
  async function checkStock (eligibilities: readonly EventEligibility[]): Promise<Eligibility[]> {
    const capacities = new Map(eligibilities.filter(needsSlot).flatMap(eligibility => {
      const capacity = capacityOf(eligibility.event)
      return capacity === undefined ? [] : [[stockIdOf(eligibility), capacity] as const]
    }))
    const left = capacities.size === 0 ? capacities : await stock.available(capacities)
    return eligibilities.map(eligibility => {
      const { decision, claim } = eligibility
      const id = stockIdOf(eligibility)
      const slots = needsSlot(eligibility) ? left.get(id) : undefined
      if (slots === undefined) return { claim, decision }
      return { claim, decision: slots === 0 ? refuseOutOfStock(decision) : decision, stock: { id, left: slots } }
    })
  }

  async function readBatch (requests: readonly DecisionRequest[]): Promise<Outcome[]> {
    const assessed = zip(requests, await assessor.assess(requests, new Date(), { needsClaim: () => true }))
    const found = await claims.findMany(assessed.flatMap(([{ userId }, assessment]) =>
      assessment.type === 'decided' && assessment.claim === undefined ? [keyOf(userId, assessment)] : []))
    const eligibilities: Array<EventEligibility & { readonly index: number }> = []
    const others: Array<Placed<Outcome>> = []
    for (const [index, [{ userId }, assessment]] of assessed.entries()) {
      if (assessment.type !== 'decided') {
        others.push({ index, outcome: assessment })
        continue
      }
      const claim = assessment.claim ?? found.get(claimId(keyOf(userId, assessment))) ?? null
      if (claim instanceof Failed) others.push({ index, outcome: claim })
      else eligibilities.push({ index, event: assessment.event, decision: assessment.decision, claim })
    }
    const checked = zip(eligibilities, await checkStock(eligibilities))
      .map(([{ index }, outcome]) => ({ index, outcome }))
    return inOrder<Outcome>([...checked, ...others])
  }

  const submit = createGroupCommit<DecisionRequest, Eligibility>(readBatch, {
    maxWeight: maxBatch, parallel: 2, onBatch, tracer
  })

  return {
    read: async request => await submit(request),
    async evaluate (event, userId, at) {
      const now = new Date()
      const query = { event, userId, within: at ?? now }
      const known = at === undefined ? await evidence.readLong(query) : await evidence.readAll(query)
      const decision = evaluateClaim(event, known, now, at)
      const key = keyOf(userId, { event, decision })
      const claim = (await claims.findMany([key])).get(claimId(key)) ?? null
      if (claim instanceof Failed) throw claim.error
      return (await checkStock([{ event, decision, claim }]))[0] as Eligibility
    }
  }
}

function needsSlot ({ decision, claim }: Eligibility): boolean {
  return decision.refusal === undefined && (claim === null || !isFinal(claim))
}

function stockIdOf ({ event, decision }: EventEligibility): string {
  return stockId({ eventId: event.id, stockPeriod: stockPeriodOf(event, decision.period) })
}

function keyOf (userId: string, { event, decision }: Omit<EventEligibility, 'claim'>): ClaimKey {
  return { eventId: event.id, userId, period: decision.period }
}
