import type { CallerRole, Condition, EventSummary } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Reward } from './reward.ts'

/** What users have to do and when, and their rewards. Intervals are half-open: `[startsAt, endsAt)`. */
export interface RewardEvent {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** The end of the time in which it can be claimed. `null` means `endsAt`, even if `endsAt` changes. */
  readonly claimUntil: Date | null
  /** The name of a time zone of the tz database. */
  readonly timeZone: string
  /** The local time at which its days begin, `HH:MM` in steps of 15 minutes. */
  readonly dayStartsAt: string
  readonly weekStartsOn: EventSummary['weekStartsOn']
  /** `null` means that everyone is eligible. */
  readonly condition: Condition | null
  readonly claimPeriod: EventSummary['claimPeriod']
  /** Whether the stock of its rewards applies to the whole event or to each claim period. */
  readonly stockPer: EventSummary['stockPer']
  readonly grantMode: EventSummary['grantMode']
  /** The group of events that it belongs to, such as a board of day 3, day 7 and day 14. */
  readonly group: string | null
  /** Its position in the group. */
  readonly position: number
  readonly status: EventSummary['status']
  /** When it became ACTIVE for the first time. From then on, the rules that decide a grant are frozen. */
  readonly activatedAt: Date | null
  readonly rewards: readonly Reward[]
  /** Incremented by every change. It is also the ETag. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export function phaseAt ({ startsAt, endsAt }: RewardEvent, now: Date): EventSummary['phase'] {
  if (now < startsAt) return 'SCHEDULED'
  return now < endsAt ? 'RUNNING' : 'ENDED'
}

/** Returns the first instant at which the event can no longer be claimed. */
export function claimEnd ({ claimUntil, endsAt }: Pick<RewardEvent, 'claimUntil' | 'endsAt'>): Date {
  return claimUntil ?? endsAt
}

export function eventNotFound (): DomainError {
  return new DomainError('not-found', 'EVENT_NOT_FOUND', 'There is no event with this id.')
}

/** @param rule the first part of the sentence, such as `You cannot add rewards`. */
export function eventFrozen (rule: string): DomainError {
  return new DomainError('conflict', 'EVENT_FROZEN', `${rule} once the event has been ACTIVE.`)
}

/** Returns the event if it exists. Throws a 404. */
export function requireEvent (event: RewardEvent | null): RewardEvent {
  if (event === null) throw eventNotFound()
  return event
}

/** Returns the event if this role may read it. A USER may read ACTIVE events only. Throws a 404. */
export function requireReadableEvent (event: RewardEvent | null, role: CallerRole): RewardEvent {
  if (event === null || (role === 'USER' && event.status !== 'ACTIVE')) throw eventNotFound()
  return event
}

/**
 * Returns whether this role may claim the event and request its progress. A USER may do so once the event has been
 * ACTIVE, so that a claim of an event that is inactive again is refused with `EVENT_INACTIVE` instead of a 404.
 */
export function isOpenTo (role: CallerRole, { activatedAt }: RewardEvent): boolean {
  return role !== 'USER' || activatedAt !== null
}

/**
 * Returns the status by which a list is filtered for this role, or `undefined` for all.
 * Returns `null` if the role must not see any event with the requested status.
 */
export function readableStatus (
  requested: RewardEvent['status'] | undefined, role: CallerRole
): RewardEvent['status'] | undefined | null {
  if (role !== 'USER') return requested
  return requested === 'INACTIVE' ? null : 'ACTIVE'
}

/** Checks the version that the caller has seen. Throws 412 `PRECONDITION_FAILED`. */
export function checkVersion ({ version }: RewardEvent, isCurrent: (version: number) => boolean): void {
  if (isCurrent(version)) return
  throw new DomainError('stale', 'PRECONDITION_FAILED', 'The event has changed since you read it; read it again.')
}
