import type { Activity as PublicActivity, AuditEntry, CallerRole, Claim as PublicClaim, EventSummary, Reward as PublicReward, RewardEvent as PublicEvent } from '@laurel/shared/contracts'
import type { Count } from '../counts.ts'
import type { Audit } from '../domain/audit.ts'
import type { KnownActivity } from '../domain/activity.ts'
import type { Claim } from '../domain/claim.ts'
import { textOf } from '../domain/condition-text.ts'
import { phaseAt, type RewardEvent } from '../domain/event.ts'
import type { Reward } from '../domain/reward.ts'

export function showReward ({ rewardId, ...reward }: Reward, eventId: string, { granted, held, asOf }: Count): PublicReward {
  return { id: rewardId, eventId, ...reward, stock: null, granted, held, remaining: null, asOf: asOf.toISOString() }
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

/** A claim as somebody of this role may see it: users do not learn who decided. */
export function showClaim (claim: Claim, viewer: CallerRole): PublicClaim {
  const { id, eventId, userId, period, status, code, progress, rewards, attempts, history, createdAt, updatedAt } = claim
  return {
    id,
    eventId,
    userId,
    period,
    status,
    ...(code === undefined ? {} : { code }),
    progress,
    rewards: [...rewards],
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

export function showAudit ({ at, ...entry }: Audit): AuditEntry {
  return { ...entry, at: at.toISOString() }
}
