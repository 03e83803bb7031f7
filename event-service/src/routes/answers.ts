import type { Activity as PublicActivity, CallerRole, Claim as PublicClaim, Coupon, EventSummary, GrantedReward, LedgerEntry, Reward as PublicReward, RewardEvent as PublicEvent } from '@laurel/shared/contracts'
import type { Count } from '../counts.ts'
import type { KnownActivity } from '../domain/activity.ts'
import type { Claim } from '../domain/claim.ts'
import { textOf } from '../domain/condition-text.ts'
import { phaseAt, type RewardEvent } from '../domain/event.ts'
import type { Reward } from '../domain/reward.ts'
import type { Grant } from '../stores/claims.ts'

/** A grant takes one unit of every reward of its event, and one that was taken back is not sold again. */
export function remainingOf ({ stock }: Reward, { granted, held }: Pick<Count, 'granted' | 'held'>): number | null {
  return stock === null ? null : Math.max(0, stock - granted - held)
}

export function showReward ({ rewardId, ...reward }: Reward, eventId: string, count: Count): PublicReward {
  const { granted, held, asOf } = count
  return { id: rewardId, eventId, ...reward, granted, held, remaining: remainingOf({ rewardId, ...reward }, count), asOf: asOf.toISOString() }
}

export function showEventSummary ({ activatedAt, rewards, ...event }: RewardEvent, now: Date): EventSummary {
  return {
    ...event,
    startsAt: event.startsAt.toISOString(),
    endsAt: event.endsAt.toISOString(),
    claimUntil: event.claimUntil?.toISOString() ?? null,
    conditionText: textOf(event.condition),
    phase: phaseAt({ activatedAt, rewards, ...event }, now),
    createdAt: event.createdAt.toISOString(),
    updatedAt: event.updatedAt.toISOString()
  }
}

export function showEvent (event: RewardEvent, count: Count, now: Date): PublicEvent {
  return { ...showEventSummary(event, now), rewards: event.rewards.map(reward => showReward(reward, event.id, count)) }
}

/** A code is shown once it is granted, to its owner and to who runs the events; auditors read histories, not codes. */
function showRewards ({ status, rewards }: Claim, viewer: CallerRole): GrantedReward[] {
  const isShown = (status === 'GRANTED' || status === 'REVOKED') && viewer !== 'AUDITOR'
  return rewards.map(({ couponCode, ...reward }) => isShown && couponCode !== undefined ? { ...reward, couponCode } : reward)
}

/** A claim as somebody of this role may see it: users do not learn who decided. */
export function showClaim (claim: Claim, viewer: CallerRole): PublicClaim {
  const { id, eventId, userId, period, status, code, progress, attempts, history, createdAt, updatedAt } = claim
  return {
    id,
    eventId,
    userId,
    period,
    status,
    ...(code === undefined ? {} : { code }),
    progress,
    rewards: showRewards(claim, viewer),
    attempts,
    delivery: { status: 'PENDING', at: null },
    history: history.map(({ by, at, ...entry }) => ({ at: at.toISOString(), ...(viewer === 'USER' ? {} : { by }), ...entry })),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString()
  }
}

export function showActivity ({ occurredAt, receivedAt, ...activity }: KnownActivity): PublicActivity {
  return { ...activity, occurredAt: occurredAt.toISOString(), receivedAt: receivedAt.toISOString() }
}

/** A credit of a wallet; its id is the claim's with the reward's place in it. */
export function showLedgerEntry ({ claim, reward, index }: Grant): LedgerEntry {
  const { rewardId, type, amount, currency, itemId } = reward
  return {
    id: `${claim.id}_${index}`,
    claimId: claim.id,
    eventId: claim.eventId,
    rewardId,
    type,
    amount,
    ...(currency === undefined ? {} : { currency }),
    ...(itemId === undefined ? {} : { itemId }),
    direction: 'CREDIT',
    at: grantedAtOf(claim)
  }
}

export function showCoupon ({ claim, reward: { name, couponCode = '' } }: Grant): Coupon {
  return { claimId: claim.id, eventId: claim.eventId, name, couponCode, at: grantedAtOf(claim), revoked: claim.status === 'REVOKED' }
}

function grantedAtOf ({ grantedAt = new Date(0) }: Claim): string {
  return grantedAt.toISOString()
}
