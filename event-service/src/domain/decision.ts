import type { CallerRole, GrantedReward, Progress } from '@laurel/shared/contracts'
import { fold } from './condition.ts'
import { claimEnd, type RewardEvent } from './event.ts'
import type { Evidence } from './evidence.ts'
import { belongsTo, periodAt } from './period.ts'
import type { Refusal } from './refusals.ts'
import type { ManualGrant } from './grant.ts'
import type { OutboxEntry } from './messages.ts'
import { toGrant } from './reward.ts'

/** What the rules decide about a claim request. */
export interface Decision {
  readonly status: 'GRANTED' | 'PENDING' | 'FAILED'
  /** The reason, if the status is FAILED. */
  readonly refusal?: Refusal
  readonly period: string
  readonly progress: Progress | null
  readonly rewards: readonly GrantedReward[]
}

/** One claim request with its decision. */
export interface Attempt extends Decision {
  readonly eventId: string
  readonly userId: string
  readonly role: CallerRole
  readonly at: Date
  readonly requestId: string
  readonly idempotencyKey?: string
  /** The slot that it uses if its event has limited rewards. */
  readonly slot?: number
  /** The same if the stock of its event is per period. */
  readonly periodSlot?: number
  /** The period whose stock it uses, if the stock of its event is per period. */
  readonly stockPeriod?: string
  /** Set if an operator grants it manually. */
  readonly manualGrant?: ManualGrant
  /** Set if a webhook subscribes to the message about it. */
  readonly outboxEntry?: OutboxEntry | undefined
}

/** How a decision differs from one for the current period. */
export interface DecisionTerms {
  /** An instant of the period that is decided. */
  readonly within?: Date
  /** Whether the condition, the dates and the status of the event are ignored. */
  readonly waive?: boolean
}

/**
 * Decides a claim request from plain data and a given time. It does not check whether limited rewards are in stock.
 * @param evidence the evidence of the user. Activities of other types, periods or events are ignored.
 */
export function decideClaim (
  event: RewardEvent, evidence: Evidence, now: Date, { within = now, waive = false }: DecisionTerms = {}
): Decision {
  const period = periodAt(event, within)
  const progress = progressIn(event, evidence, within)
  const refusal = waive ? findLastingRefusal(event) : findRefusal(event, progress, now)
  if (refusal !== undefined) return { status: 'FAILED', refusal, period: period.name, progress, rewards: [] }
  const status = event.grantMode === 'REVIEW' ? 'PENDING' : 'GRANTED'
  return { status, period: period.name, progress, rewards: event.rewards.map(toGrant) }
}

function progressIn (event: RewardEvent, { activities, snapshotOf }: Evidence, within: Date): Progress | null {
  if (event.condition === null) return null
  const period = periodAt(event, within)
  const counted = activities.filter(({ occurredAt }) => belongsTo(period, occurredAt, event))
  return fold(event.condition, counted, event, snapshotOf)
}

function findRefusal (event: RewardEvent, progress: Progress | null, now: Date): Refusal | undefined {
  if (event.status !== 'ACTIVE') return 'EVENT_INACTIVE'
  if (now < event.startsAt) return 'EVENT_NOT_STARTED'
  if (now >= claimEnd(event)) return 'EVENT_ENDED'
  if (event.rewards.length === 0) return 'NO_REWARDS'
  if (progress !== null && !progress.met) return 'CONDITIONS_NOT_MET'
  return undefined
}

/** Returns the refusal that even an operator cannot waive. Before the first activation, the rules can still change. */
function findLastingRefusal ({ activatedAt, rewards }: RewardEvent): Refusal | undefined {
  if (activatedAt === null) return 'EVENT_INACTIVE'
  return rewards.length === 0 ? 'NO_REWARDS' : undefined
}

/** Replaces a decision to grant with a refusal because there is no stock left. */
export function refuseOutOfStock (decision: Decision): Decision {
  return { ...decision, status: 'FAILED', refusal: 'OUT_OF_STOCK', rewards: [] }
}

/**
 * Returns the decision that a claim request at an instant would get if the event were ACTIVE.
 * It respects the dates of the event and ignores its status. Only activities up to that instant count.
 * @param evidence for an instant in the past, all activities of the user without a snapshot.
 * @param at `now` by default.
 */
export function evaluateClaim (event: RewardEvent, evidence: Evidence, now: Date, at = now): Decision {
  const activities = evidence.activities.filter(({ occurredAt }) => occurredAt <= at)
  return decideClaim({ ...event, status: 'ACTIVE' }, { ...evidence, activities }, at)
}
