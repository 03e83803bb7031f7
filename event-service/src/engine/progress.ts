import { inOrder, zip, type Failed, type Placed } from '../batch.ts'
import { evaluateClaim, isFinal, refuseOutOfStock, type Claim, type Decision } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { capacityOf } from '../domain/reward.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Assessor, Decided, DecisionRequest } from './assess.ts'
import type { EvidenceReader } from './evidence.ts'
import { claimName } from './claim-group.ts'
import { createGroupCommit, type Deferred } from './group-commit.ts'

/** How a claim request of a user would be decided now, and the claim that the user already has. */
export interface Eligibility {
  readonly decision: Decision
  /** The claim of the current period. */
  readonly claim: Claim | null
  /** How many slots are left if the event has limited rewards and the claim needs one. */
  readonly left?: number
}

/** Reads how claim requests would be decided. It writes nothing. */
export interface ProgressReader {
  /** For the caller, now. Concurrent callers share their reads. Throws a 404. */
  of: (request: DecisionRequest) => Promise<Eligibility>
  /** For any user at any instant, as if the event were ACTIVE. */
  evaluate: (event: RewardEvent, userId: string, at?: Date) => Promise<Eligibility>
}

export interface ProgressOptions {
  readonly assessor: Assessor
  readonly evidence: EvidenceReader
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly onBatch: (requests: number) => void
}

interface StandingOfEvent extends Eligibility {
  readonly event: RewardEvent
}

interface DecidedRequest extends Decided {
  readonly index: number
  readonly request: DecisionRequest
}

const maxBatch = 500

export function createProgress ({ assessor, evidence, claims, stock, onBatch }: ProgressOptions): ProgressReader {
  /** Turns decisions to grant into refusals if nothing is left. A user who has a claim already is not affected. */
  async function checkStock (standings: readonly StandingOfEvent[]): Promise<Eligibility[]> {
    const capacities = new Map(standings.filter(needsSlot).flatMap(({ event }) => {
      const capacity = capacityOf(event)
      return capacity === undefined ? [] : [[event.id, capacity] as const]
    }))
    const left = capacities.size === 0 ? capacities : await stock.available(capacities)
    return standings.map(standing => {
      const { event, decision, claim } = standing
      const slots = needsSlot(standing) ? left.get(event.id) : undefined
      if (slots === undefined) return { claim, decision }
      return { claim, decision: slots === 0 ? refuseOutOfStock(decision) : decision, left: slots }
    })
  }

  async function standingsOf (decided: readonly DecidedRequest[]): Promise<Eligibility[]> {
    const found = await claims.findMany(decided.map(({ request: { userId }, event, decision: { period } }) => ({
      eventId: event.id, userId, period
    })))
    const own = new Map(found.map(claim => [claimName(claim), claim]))
    return await checkStock(decided.map(({ request: { userId }, event, decision }) => ({
      event,
      decision,
      claim: own.get(claimName({ eventId: event.id, userId, period: decision.period })) ?? null
    })))
  }

  async function readBatch (requests: readonly DecisionRequest[]) {
    const decided: DecidedRequest[] = []
    const others: Array<Placed<Failed | Deferred<DecisionRequest>>> = []
    const assessed = zip(requests, await assessor.assess(requests, new Date()))
    for (const [index, [request, assessment]] of assessed.entries()) {
      if (assessment.type === 'decided') decided.push({ index, request, ...assessment })
      else others.push({ index, outcome: assessment })
    }
    const standings = zip(decided, await standingsOf(decided)).map(([{ index }, outcome]) => ({ index, outcome }))
    return inOrder<Eligibility | Failed | Deferred<DecisionRequest>>([...standings, ...others])
  }

  const options = { maxWeight: maxBatch, parallel: 2, onBatch }
  const submit = createGroupCommit<DecisionRequest, Eligibility>(readBatch, options)

  return {
    of: async request => await submit(request),
    async evaluate (event, userId, at) {
      const now = new Date()
      const question = { event, userId, now: at ?? now }
      const known = at === undefined ? await evidence.readLong(question) : await evidence.readAll(question)
      const decision = evaluateClaim(event, known, now, at)
      const [claim = null] = await claims.findMany([{ eventId: event.id, userId, period: decision.period }])
      const [standing = { decision, claim }] = await checkStock([{ event, decision, claim }])
      return standing
    }
  }
}

function needsSlot ({ decision, claim }: Eligibility): boolean {
  return decision.refusal === undefined && (claim === null || !isFinal(claim))
}
