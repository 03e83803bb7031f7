import type { LookUpAccounts } from '../auth-service-client.ts'
import { Failed, isolateAsync, partition, zip } from '../batch.ts'
import { refusalCode, type Claim } from '../domain/claim.ts'
import {
  auditOfGrants, grantSentences, type AccountRefusal, type GrantOrder, type ManualGrant
} from '../domain/grant.ts'
import type { RewardEvent } from '../domain/event.ts'
import { requireNotPaused } from '../domain/pause.ts'
import type { ClaimRequest } from '../engine/claim-group.ts'
import type { ClaimOutcome } from '../engine/claim-outcome.ts'
import type { Eligibility, ProgressReader } from '../engine/progress.ts'
import { claimId, type ClaimStore } from '../stores/claims.ts'
import type { SettingsStore } from '../stores/settings.ts'
import { findReplays } from './replayed-grants.ts'

export interface GrantRewardsOptions {
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

/** Nothing was granted to a user. */
interface GrantRefused {
  readonly type: 'refused'
  readonly code: string
  readonly detail: string
}

/** The rewards are granted, or the claim awaits review. */
interface Granted {
  readonly type: 'granted'
  /** Absent in a dry run. */
  readonly claim?: Claim
  /** Whether an earlier request with the same key created the claim. */
  readonly replayed: boolean
}

export type GrantOutcome = Granted | GrantRefused | Failed

/** How a grant of a dry run would be decided on its own. */
interface Decided {
  readonly type: 'decided'
  readonly eligibility: Eligibility
}

/** A list of grants that is granted chunk by chunk. */
export interface GrantRun {
  /**
   * Grants to at most 500 users in one batch. Accounts are looked up in one call. Throws a 503 if that fails.
   * @returns one outcome per item, in their order.
   */
  grant: (items: readonly GrantItem[]) => Promise<GrantOutcome[]>
}

export interface RunOptions {
  readonly event: RewardEvent
  /** The number of grants in the list. */
  readonly count: number
  /** Decides without writing anything. */
  readonly dryRun: boolean
  readonly idempotencyKey?: string
}

/** Throws 503 `PAUSED` while nothing is granted, unless it is a dry run. */
export type StartGrants = (order: GrantOrder, options: RunOptions) => Promise<GrantRun>

/** Returns the flow for manual grants: grants the rewards of an event to a list of users. */
export function createGrantRewards (options: GrantRewardsOptions): StartGrants {
  const { claims, settings, submit, progress, lookUp, onOutcome } = options
  return async (order, { event, count, dryRun, idempotencyKey }) => {
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

    /** Stores the audit entry before the first grant. */
    async function insertAudit (items: readonly GrantItem[]): Promise<void> {
      const userId = items.length === count ? onlyUser(items) : undefined
      await (audited ??= claims.insertAudit(auditOfGrants(order, count, userId, new Date())))
    }

    async function decideOne (item: GrantItem): Promise<Decided> {
      return { type: 'decided', eligibility: await progress.read(requestFor(item)) }
    }

    async function grantOne (item: GrantItem): Promise<GrantOutcome> {
      const outcome = await submit(requestFor(item))
      onOutcome(outcome)
      switch (outcome.type) {
        case 'refused':
        case 'final': return refusal(outcome.code)
        case 'granted':
        case 'pending':
        case 'replayed': return { type: 'granted', claim: outcome.claim, replayed: outcome.type === 'replayed' }
      }
    }

    return {
      async grant (items) {
        const refusals = await findAccountRefusals(items, operator.id, lookUp)
        const [refused, admitted] = partition(items, ({ userId }) => refusals.has(userId))
        // A grant stands even if the account has been disabled or erased since, so repeating the request replays it.
        const replays = zip(refused, await findReplays(claims, event, refused.map(requestFor)))
        const replayed = new Map(replays.flatMap(([item, claim]) => claim === undefined ? [] : [[item, claim]]))
        if (admitted.length > 0 && !dryRun) await insertAudit(items)
        // All of them are submitted in one iteration of the event loop, so that they form one batch.
        const decided = await Promise.all(items.map(async item => await isolateAsync(async () => {
          const claim = replayed.get(item)
          if (claim !== undefined) return { type: 'granted' as const, claim, replayed: true }
          const code = refusals.get(item.userId)
          if (code !== undefined) return refusal(code)
          return dryRun ? await decideOne(item) : await grantOne(item)
        })))
        return zip(items, decided).map(([{ userId }, outcome]) =>
          outcome.type === 'decided' ? preview(userId, outcome.eligibility) : outcome)
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

function onlyUser (items: readonly GrantItem[]): string | undefined {
  const [userId, ...others] = new Set(items.map(({ userId }) => userId))
  return others.length === 0 ? userId : undefined
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
    return { type: 'granted', replayed: false }
  }
}

function refusal (code: keyof typeof grantSentences): GrantRefused {
  return { type: 'refused', code, detail: grantSentences[code] }
}
