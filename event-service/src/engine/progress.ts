import { evaluate, isSettled, withoutStock, type Claim, type Decision } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { capacityOf } from '../domain/reward.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { StockStore } from '../stores/stock.ts'
import type { Asking, Assessor } from './assess.ts'
import type { EvidenceReader } from './evidence.ts'
import { createGroupCommit } from './group-commit.ts'

export interface Standing {
  readonly decision: Decision
  /** Of the period that is now. */
  readonly claim: Claim | null
}

/** What a claim would be answered; nothing is written. */
export interface Progress {
  /** To the caller now. Those who ask at once share their reads. @throws {DomainError} 404. */
  of: (asking: Asking) => Promise<Standing>
  /** To any user at any instant, were the event ACTIVE. */
  evaluate: (event: RewardEvent, userId: string, at?: Date) => Promise<Standing>
}

export interface ProgressOptions {
  readonly assessor: Assessor
  readonly evidence: EvidenceReader
  readonly claims: ClaimStore
  readonly stock: StockStore
  readonly noteBatch: (requests: number) => void
}

const maxBatch = 500

export function createProgress ({ assessor, evidence, claims, stock, noteBatch }: ProgressOptions): Progress {
  /** A decision to grant is one only while something is left; who holds a claim has taken it already. */
  async function withStock (event: RewardEvent, { decision, claim }: Standing, left: Map<string, Promise<number>>): Promise<Standing> {
    const capacity = capacityOf(event)
    if (capacity === undefined || decision.refusal !== undefined || (claim !== null && isSettled(claim))) return { decision, claim }
    if (!left.has(event.id)) left.set(event.id, stock.available(event.id, capacity))
    return { decision: await left.get(event.id) === 0 ? withoutStock(decision) : decision, claim }
  }

  const submit = createGroupCommit<Asking, Standing>(async batch => {
    const assessed = await assessor.assess(batch, new Date(), async input => await submit(input))
    const keys = assessed.map(({ pending, event, decision: { period } }) => ({ eventId: event.id, userId: pending.input.userId, period }))
    const claimOf = new Map((await claims.findAllOf(keys)).map(claim => [`${claim.eventId} ${claim.userId}`, claim]))
    const left = new Map<string, Promise<number>>()
    await Promise.all(assessed.map(async ({ pending, event, decision }) => {
      const claim = claimOf.get(`${event.id} ${pending.input.userId}`) ?? null
      pending.resolve(await withStock(event, { decision, claim }, left))
    }))
  }, { maxWeight: maxBatch, parallel: 2, noteBatch })

  return {
    of: async asking => await submit(asking),
    async evaluate (event, userId, at) {
      const now = new Date()
      const question = { event, userId, now: at ?? now }
      const decision = evaluate(event, at === undefined ? await evidence.readLong(question) : { activities: await evidence.readAll(question) }, now, at)
      const [claim = null] = await claims.findAllOf([{ eventId: event.id, userId, period: decision.period }])
      return await withStock(event, { decision, claim }, new Map())
    }
  }
}
