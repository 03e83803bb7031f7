import type { EventClone } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { newEvent } from './event-changes.ts'
import { claimEnd, eventFrozen, type RewardEvent } from './event.ts'
import { cloneReward } from './reward.ts'

/**
 * Checks that an event may become ACTIVE: only with a reward, and while it can still be claimed.
 * Throws 409 `NO_REWARDS` or `EVENT_ENDED`.
 * @param before the event before the change, or `null` if it is new.
 */
export function checkActivation (before: RewardEvent | null, event: RewardEvent, now: Date): void {
  if (event.status !== 'ACTIVE' || before?.status === 'ACTIVE') return
  if (event.rewards.length === 0) {
    throw new DomainError('conflict', 'NO_REWARDS', 'Add a reward before you activate the event.')
  }
  if (now >= claimEnd(event)) {
    throw new DomainError('conflict', 'EVENT_ENDED', 'This event can no longer be claimed; move endsAt or claimUntil.')
  }
}

/** Checks that an event may be deleted. Throws 409 `EVENT_FROZEN` if it was ever ACTIVE: its claims refer to it. */
export function checkDeletable ({ activatedAt }: RewardEvent): void {
  if (activatedAt !== null) throw eventFrozen('You cannot delete the event')
}

/**
 * Returns a new INACTIVE event with the rules and the rewards of another one. Its pools of codes are empty, and its
 * `claimUntil` is null. Throws a 400 that names the invalid field.
 */
export function cloneEvent (event: RewardEvent, input: EventClone, now: Date): RewardEvent {
  const { id, status, activatedAt, claimUntil, rewards, version, createdAt, updatedAt, ...rules } = event
  return { ...newEvent({ ...rules, ...input }, event.timeZone, now), rewards: rewards.map(cloneReward) }
}
