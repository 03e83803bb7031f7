import type { Condition, EventPatch, EventSummary, NewEvent } from '@laurel/shared/contracts'
import { DomainError, invalidField } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'
import { parseInstant } from '@laurel/shared/instant'
import { checkCondition } from './condition.ts'
import { canonicalJson } from './id.ts'
import type { Reward } from './reward.ts'

/** An event: what has to be done, when, and what is granted for it. Intervals are half-open: `[startsAt, endsAt)`. */
export interface RewardEvent {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** Until when it can be claimed; null: until `endsAt`, wherever that moves. */
  readonly claimUntil: Date | null
  /** IANA name. */
  readonly timeZone: string
  /** null: everyone is eligible. */
  readonly condition: Condition | null
  readonly claimPeriod: EventSummary['claimPeriod']
  readonly grantMode: EventSummary['grantMode']
  readonly status: EventSummary['status']
  /** When it was ACTIVE for the first time; from then on what decides a grant is frozen. */
  readonly activatedAt: Date | null
  readonly rewards: readonly Reward[]
  /** Grows with every change; the ETag. */
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export function phaseAt ({ startsAt, endsAt }: RewardEvent, now: Date): EventSummary['phase'] {
  if (now < startsAt) return 'SCHEDULED'
  return now < endsAt ? 'RUNNING' : 'ENDED'
}

/** The first instant at which it can no longer be claimed. */
export function claimEnd ({ claimUntil, endsAt }: Pick<RewardEvent, 'claimUntil' | 'endsAt'>): Date {
  return claimUntil ?? endsAt
}

export function eventNotFound (): DomainError {
  return new DomainError('not-found', 'EVENT_NOT_FOUND', 'There is no such event')
}

export function eventFrozen (what: string): DomainError {
  return new DomainError('conflict', 'EVENT_FROZEN', `${what} once the event has been ACTIVE`)
}

/** @throws {DomainError} 400 that names the date that is wrong. */
export function newEvent (input: NewEvent, defaultTimeZone: string, now: Date): RewardEvent {
  const status = input.status ?? 'INACTIVE'
  const event: RewardEvent = {
    id: newId(),
    name: input.name,
    description: input.description ?? '',
    startsAt: readInstant('/startsAt', input.startsAt),
    endsAt: readInstant('/endsAt', input.endsAt),
    claimUntil: readOptionalInstant('/claimUntil', input.claimUntil),
    timeZone: input.timeZone ?? defaultTimeZone,
    condition: input.condition ?? null,
    claimPeriod: input.claimPeriod ?? 'EVENT',
    grantMode: input.grantMode ?? 'AUTO',
    status,
    activatedAt: status === 'ACTIVE' ? now : null,
    rewards: [],
    version: 1,
    createdAt: now,
    updatedAt: now
  }
  checkDates(event)
  checkCondition(event.condition)
  return event
}

/**
 * The event after a change; the same object where nothing changes. What a patch repeats is no change, so a client may
 * send back what it read.
 * @throws {DomainError} 400 that names the date that is wrong · 409 `EVENT_FROZEN`.
 */
export function patchEvent (event: RewardEvent, patch: EventPatch, now: Date): RewardEvent {
  const { startsAt, endsAt, claimUntil, ...plain } = patch
  const wanted: RewardEvent = {
    ...event,
    ...plain,
    startsAt: startsAt === undefined ? event.startsAt : readInstant('/startsAt', startsAt),
    endsAt: endsAt === undefined ? event.endsAt : readInstant('/endsAt', endsAt),
    claimUntil: claimUntil === undefined ? event.claimUntil : readOptionalInstant('/claimUntil', claimUntil)
  }
  if (isSame(event, wanted)) return event
  checkDates(wanted)
  checkCondition(wanted.condition)
  if (event.activatedAt !== null) checkFrozen(event, wanted)
  return {
    ...wanted,
    activatedAt: event.activatedAt ?? (wanted.status === 'ACTIVE' ? now : null),
    version: event.version + 1,
    updatedAt: now
  }
}

const frozen = ['condition', 'claimPeriod', 'timeZone', 'grantMode', 'startsAt'] as const

function checkFrozen (event: RewardEvent, wanted: RewardEvent): void {
  for (const name of frozen) {
    if (!isSame(event[name], wanted[name])) throw eventFrozen(`${name} cannot change`)
  }
  if (wanted.endsAt < event.endsAt) throw eventFrozen('endsAt can only move later')
  if (claimEnd(wanted) < claimEnd(event)) throw eventFrozen('claimUntil can only move later')
}

function checkDates (event: RewardEvent): void {
  if (event.endsAt <= event.startsAt) throw invalidField('/endsAt', 'must be after startsAt')
  if (claimEnd(event) < event.endsAt) throw invalidField('/claimUntil', 'must not be before endsAt')
}

function isSame (a: unknown, b: unknown): boolean {
  return canonicalJson(a) === canonicalJson(b)
}

function readInstant (pointer: string, text: string): Date {
  const instant = parseInstant(text)
  if (instant === undefined) throw invalidField(pointer, 'must be an RFC 3339 instant with an offset')
  return instant
}

function readOptionalInstant (pointer: string, text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : readInstant(pointer, text)
}
