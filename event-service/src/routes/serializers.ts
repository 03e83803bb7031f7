import type {
  Activity as PublicActivity, CallerRole, Claim as PublicClaim, Coupon, EventSummary, GrantedReward, LedgerEntry,
  Reward as PublicReward, RewardEvent as PublicEvent
} from '@laurel/shared/contracts'
import type { Count } from '../cached-counts.ts'
import type { StoredActivity } from '../domain/activity.ts'
import { claimStatuses } from '../domain/claim-status.ts'
import { refusalCode, type Claim, type HistoryEntry } from '../domain/claim.ts'
import { describeCondition } from '../domain/condition-text.ts'
import { remainingOf } from '../domain/event-stats.ts'
import { phaseAt, type RewardEvent } from '../domain/event.ts'
import type { Reward } from '../domain/reward.ts'
import type { Eligibility } from '../engine/progress.ts'
import type { Booking, Grant } from '../stores/claims.ts'

export function serializeReward (reward: Reward, eventId: string, count: Count): PublicReward {
  const { rewardId, ...rest } = reward
  const { granted, held, asOf } = count
  return {
    id: rewardId,
    eventId,
    ...rest,
    granted,
    held,
    remaining: remainingOf(reward, count),
    asOf: asOf.toISOString()
  }
}

export function serializeEventSummary (event: RewardEvent, now: Date): EventSummary {
  const { activatedAt, rewards, ...rest } = event
  return {
    ...rest,
    startsAt: event.startsAt.toISOString(),
    endsAt: event.endsAt.toISOString(),
    claimUntil: event.claimUntil?.toISOString() ?? null,
    conditionText: describeCondition(event),
    phase: phaseAt(event, now),
    createdAt: event.createdAt.toISOString(),
    updatedAt: event.updatedAt.toISOString()
  }
}

export function serializeEvent (event: RewardEvent, count: Count, now: Date): PublicEvent {
  return {
    ...serializeEventSummary(event, now),
    rewards: event.rewards.map(reward => serializeReward(reward, event.id, count))
  }
}

/** Whether each role may see the coupon codes of a claim, and the authors and notes of its decisions. */
const views: Readonly<Record<CallerRole, { readonly couponCodes: boolean, readonly operators: boolean }>> = {
  USER: { couponCodes: true, operators: false },
  OPERATOR: { couponCodes: true, operators: true },
  AUDITOR: { couponCodes: false, operators: true },
  ADMIN: { couponCodes: true, operators: true },
  SERVICE: { couponCodes: false, operators: false }
}

export function seesCouponCodes (role: CallerRole): boolean {
  return views[role].couponCodes
}

/** Returns a claim as this role may see it. */
export function serializeClaim (claim: Claim, viewer: CallerRole): PublicClaim {
  const {
    id, eventId, userId, period, status, code, progress, attempts, history, grantedAt, createdAt, updatedAt
  } = claim
  return {
    id,
    eventId,
    userId,
    period,
    status,
    ...(code === undefined ? {} : { code }),
    progress,
    rewards: serializeGrantedRewards(claim, viewer),
    attempts,
    ...(grantedAt === undefined ? {} : { grantedAt: grantedAt.toISOString() }),
    delivery: serializeDelivery(claim),
    history: history.map(entry => serializeHistoryEntry(entry, viewer)),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString()
  }
}

function serializeGrantedRewards ({ status, rewards }: Claim, viewer: CallerRole): GrantedReward[] {
  const showsCodes = claimStatuses[status].showsCouponCodes && seesCouponCodes(viewer)
  return rewards.map(reward => {
    const { couponCode, ...rest } = reward
    return showsCodes ? reward : rest
  })
}

function serializeDelivery ({ delivery }: Claim): PublicClaim['delivery'] {
  return delivery === undefined ? { status: 'PENDING', at: null } : { ...delivery, at: delivery.at.toISOString() }
}

/** Users see the reasons of rejections and revocations. Other notes are for operators. */
function serializeHistoryEntry (
  { by, note, at, ...entry }: HistoryEntry, viewer: CallerRole
): PublicClaim['history'][number] {
  const { operators } = views[viewer]
  const showsNote = note !== undefined && (operators || claimStatuses[entry.to].noteIsReason)
  return { at: at.toISOString(), ...(operators ? { by } : {}), ...entry, ...(showsNote ? { note } : {}) }
}

/** Returns how a claim request would be decided. */
export function serializeEvaluation ({ decision, claim }: Eligibility) {
  const { period, progress, refusal } = decision
  const code = refusalCode(refusal, claim)
  return { eligible: code === undefined, ...(code === undefined ? {} : { code }), period, progress }
}

/** Returns the same with the claim, as its user sees it. */
export function serializeProgress (eligibility: Eligibility, viewer: CallerRole) {
  const { claim } = eligibility
  return { ...serializeEvaluation(eligibility), ...(claim === null ? {} : { claim: serializeClaim(claim, viewer) }) }
}

export function serializeActivity (activity: StoredActivity): PublicActivity {
  const { occurredAt, receivedAt, ...rest } = activity
  return { ...rest, occurredAt: occurredAt.toISOString(), receivedAt: receivedAt.toISOString() }
}

/**
 * Returns a change of a wallet. Its id consists of the claim's id and the reward's index in the claim. The id of a
 * debit has a suffix.
 */
export function serializeLedgerEntry ({ claim, reward, index, direction }: Booking): LedgerEntry {
  const { rewardId, type, amount, currency, itemId } = reward
  const isDebit = direction === 'DEBIT'
  return {
    id: `${claim.id}_${index}${isDebit ? '_debit' : ''}`,
    claimId: claim.id,
    eventId: claim.eventId,
    rewardId,
    type,
    amount,
    ...(currency === undefined ? {} : { currency }),
    ...(itemId === undefined ? {} : { itemId }),
    direction,
    at: isDebit ? (claim.revokedAt as Date).toISOString() : grantInstant(claim)
  }
}

export function serializeCoupon ({ claim, reward }: Grant): Coupon {
  const { name, couponCode = '' } = reward
  return {
    claimId: claim.id,
    eventId: claim.eventId,
    name,
    couponCode,
    at: grantInstant(claim),
    revoked: claim.status === 'REVOKED'
  }
}

function grantInstant ({ grantedAt = new Date(0) }: Claim): string {
  return grantedAt.toISOString()
}
