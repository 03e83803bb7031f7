import type { LookUpAccounts } from '../accounts.ts'
import { Failed, isolateAsync, zip } from '../batch.ts'
import { refusalCode, type Claim } from '../domain/claim.ts'
import {
  auditOfGrants, grantSentences, type AccountRefusal, type GrantOrder, type ManualGrant
} from '../domain/grant.ts'
import { requireNotPaused } from '../domain/pause.ts'
import type { ClaimRequest } from '../engine/claim-group.ts'
import type { ClaimOutcome } from '../engine/claim-outcome.ts'
import type { Eligibility, ProgressReader } from '../engine/progress.ts'
import { claimId, type ClaimStore } from '../stores/claims.ts'
import type { SettingsStore } from '../stores/settings.ts'

export interface GrantFlowOptions {
  readonly claims: ClaimStore
  readonly settings: Pick<SettingsStore, 'read'>
  readonly submit: (request: ClaimRequest) => Promise<ClaimOutcome>
  readonly progress: ProgressReader
  readonly lookUp: LookUpAccounts
  /** Called with the outcome of each claim request. */
  readonly onOutcome: (outcome: ClaimOutcome) => void
}

/** One user of the list. */
export interface GrantItem {
  readonly userId: string
  /** The name of a period of the event. If absent, the current one. */
  readonly period?: string
}

/** Why a grant was refused. */
interface GrantRefusal {
  readonly code: string
  readonly detail: string
}

/** The claim (absent in a dry run) and whether an earlier request with the same key created it, or the refusal. */
export type GrantOutcome = { readonly claim?: Claim, readonly replayed: boolean } | GrantRefusal | Failed

/** A list of grants that is granted chunk by chunk. */
export interface GrantRun {
  /**
   * Grants to at most 500 users in one batch. Accounts are looked up in one call. Throws a 503 if that fails.
   * @returns one outcome per item, in their order.
   */
  grant: (items: readonly GrantItem[]) => Promise<GrantOutcome[]>
}

export interface RunOptions {
  /** The number of grants in the list. */
  readonly count: number
  /** Decides without writing anything. */
  readonly dryRun: boolean
  readonly idempotencyKey?: string
}

/** Throws 503 `PAUSED` while nothing is granted, unless it is a dry run. */
export type StartGrants = (order: GrantOrder, options: RunOptions) => Promise<GrantRun>

/** Returns the flow for manual grants: grants the rewards of an event to a list of users. */
export function createGrantFlow (options: GrantFlowOptions): StartGrants {
  const { claims, settings, submit, progress, lookUp, onOutcome } = options
  return async (order, { count, dryRun, idempotencyKey }) => {
    if (!dryRun) requireNotPaused(await settings.read())
    const { eventId, operator, condition, reason } = order
    const terms = createTerms({ operatorId: operator.id, waive: condition === 'WAIVE', note: reason })
    const preview = createPreview()
    let audited: Promise<void> | undefined

    function requestFor ({ userId, period }: GrantItem): ClaimRequest {
      return {
        eventId,
        userId,
        role: operator.role,
        requestId: operator.requestId,
        manualGrant: terms(period),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey: `${idempotencyKey} ${period ?? ''}` })
      }
    }

    /** Stores the audit row before the first grant. */
    async function insertAudit (): Promise<void> {
      await (audited ??= claims.insertAudit(auditOfGrants(order, count, new Date())))
    }

    async function decideOne (item: GrantItem): Promise<Eligibility> {
      return await progress.of(requestFor(item))
    }

    async function grantOne (item: GrantItem): Promise<GrantOutcome> {
      const outcome = await submit(requestFor(item))
      onOutcome(outcome)
      switch (outcome.type) {
        case 'refused':
        case 'final': return refusal(outcome.code)
        case 'granted':
        case 'pending':
        case 'replayed': return { claim: outcome.claim, replayed: outcome.type === 'replayed' }
      }
    }

    return {
      async grant (items) {
        const refusals = await findAccountRefusals(items, operator.id, lookUp)
        const admitted = items.filter(({ userId }) => !refusals.has(userId))
        if (admitted.length > 0 && !dryRun) await insertAudit()
        // All of them are submitted in one iteration of the event loop, so that they form one batch.
        const decided = await Promise.all(items.map(async item => await isolateAsync(async () => {
          const code = refusals.get(item.userId)
          if (code !== undefined) return refusal(code)
          return dryRun ? await decideOne(item) : await grantOne(item)
        })))
        return zip(items, decided).map(([{ userId }, outcome]) =>
          isEligibility(outcome) ? preview(userId, outcome) : outcome)
      }
    }
  }
}

/** Items for the same period share their terms, so that repetitions of a user are merged in the batch. */
function createTerms (common: Omit<ManualGrant, 'period'>): (period: string | undefined) => ManualGrant {
  const known = new Map<string, ManualGrant>()
  return period => {
    if (period === undefined) return common
    const terms = known.get(period) ?? { ...common, period }
    known.set(period, terms)
    return terms
  }
}

async function findAccountRefusals (
  items: readonly GrantItem[], operatorId: string, lookUp: LookUpAccounts
): Promise<ReadonlyMap<string, AccountRefusal>> {
  const others = [...new Set(items.map(({ userId }) => userId))].filter(userId => userId !== operatorId)
  const statuses = others.length === 0 ? new Map() : await lookUp(others)
  return new Map<string, AccountRefusal>([
    [operatorId, 'SELF_GRANT'],
    ...others.flatMap((userId): Array<[string, AccountRefusal]> => {
      const status = statuses.get(userId)
      if (status === 'ACTIVE') return []
      return [[userId, status === undefined ? 'USER_NOT_FOUND' : 'USER_NOT_ACTIVE']]
    })
  ])
}

/** Returns a function that predicts the outcome of a grant, as if the earlier ones of the list had been granted. */
function createPreview (): (userId: string, eligibility: Eligibility) => GrantOutcome {
  const granted = new Set<string>()
  /** By stock, because the stock may be per period. */
  const taken = new Map<string, number>()
  return (userId, { decision, claim, stock }) => {
    const code = refusalCode(decision.refusal, claim)
    if (code !== undefined) return refusal(code)
    const name = claimId({ eventId: '', userId, period: decision.period })
    if (granted.has(name)) return refusal('ALREADY_CLAIMED')
    if (stock !== undefined && (taken.get(stock.id) ?? 0) >= stock.left) return refusal('OUT_OF_STOCK')
    granted.add(name)
    if (stock !== undefined) taken.set(stock.id, (taken.get(stock.id) ?? 0) + 1)
    return { replayed: false }
  }
}

function refusal (code: keyof typeof grantSentences): GrantRefusal {
  return { code, detail: grantSentences[code] }
}

function isEligibility (outcome: GrantOutcome | Eligibility): outcome is Eligibility {
  return 'decision' in outcome
}
