import { evaluateClaim, isFinal, refuseOutOfStock, type Claim, type Decision } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { capacityOf } from '../domain/reward.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Asking, Assessor } from './assess.ts'
import type { EvidenceReader } from './evidence.ts'
import { createGroupCommit } from './group-commit.ts'

export interface Eligibility {
  readonly decision: Decision
  /** Of the period that is now. */
  readonly claim: Claim | null
}

/** What a claim would be answered; nothing is written. */
export interface ProgressReader {
  /** To the caller now. Those who ask at once share their reads. @throws {DomainError} 404. */
  of: (asking: Asking) => Promise<Eligibility>
  /** To any user at any instant, were the event ACTIVE. */
  evaluate: (event: RewardEvent, userId: string, at?: Date) => Promise<Eligibility>
}

export interface ProgressOptions {
  readonly assessor: Assessor
  readonly evidence: EvidenceReader
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly noteBatch: (requests: number) => void
}

const maxBatch = 500

export function createProgress ({ assessor, evidence, claims, stock, noteBatch }: ProgressOptions): ProgressReader {
  /** Decisions to grant are such only while something is left; who holds a claim has taken it already. */
  async function withStock (assessed: ReadonlyArray<Eligibility & { event: RewardEvent }>): Promise<Eligibility[]> {
    const wants = ({ decision, claim }: Eligibility): boolean => decision.refusal === undefined && (claim === null || !isFinal(claim))
    const capacities = new Map(assessed.filter(wants).flatMap(({ event }) => {
      const capacity = capacityOf(event)
      return capacity === undefined ? [] : [[event.id, capacity] as const]
    }))
    const left = capacities.size === 0 ? capacities : await stock.available(capacities)
    return assessed.map(({ event, decision, claim }) => ({
      decision: wants({ decision, claim }) && left.get(event.id) === 0 ? refuseOutOfStock(decision) : decision, claim
    }))
  }

  const submit = createGroupCommit<Asking, Eligibility>(async batch => {
    const assessed = await assessor.assess(batch, new Date(), async input => await submit(input))
    const keys = assessed.map(({ pending, event, decision: { period } }) => ({ eventId: event.id, userId: pending.input.userId, period }))
    const claimOf = new Map((await claims.findAllOf(keys)).map(claim => [`${claim.eventId} ${claim.userId}`, claim]))
    const standings = await withStock(assessed.map(({ pending, event, decision }) => ({
      event, decision, claim: claimOf.get(`${event.id} ${pending.input.userId}`) ?? null
    })))
    standings.forEach((standing, index) => { assessed[index]?.pending.resolve(standing) })
  }, { maxWeight: maxBatch, parallel: 2, noteBatch })

  return {
    of: async asking => await submit(asking),
    async evaluate (event, userId, at) {
      const now = new Date()
      const question = { event, userId, now: at ?? now }
      const decision = evaluateClaim(event, at === undefined ? await evidence.readLong(question) : { activities: await evidence.readAll(question) }, now, at)
      const [claim = null] = await claims.findAllOf([{ eventId: event.id, userId, period: decision.period }])
      const [standing] = await withStock([{ event, decision, claim }])
      return standing as Eligibility
    }
  }
}
