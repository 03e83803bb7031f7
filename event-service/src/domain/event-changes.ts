import type { EventPatch, NewEvent } from '@laurel/shared/contracts'
import { invalidField } from '@laurel/shared/errors'
import { newId } from '@laurel/shared/id'
import { parseInstant } from '@laurel/shared/instant'
import { checkCondition } from './condition.ts'
import { claimEnd, eventFrozen, type RewardEvent } from './event.ts'
import { canonicalJson } from './canonical-json.ts'
import { newRewards } from './reward.ts'
import { checkStockPer } from './stock-per.ts'

/** Returns a new event. Throws a 400 that names the invalid field. */
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
    dayStartsAt: input.dayStartsAt ?? '00:00',
    weekStartsOn: input.weekStartsOn ?? 'MONDAY',
    condition: input.condition ?? null,
    claimPeriod: input.claimPeriod ?? 'EVENT',
    stockPer: input.stockPer ?? 'EVENT',
    grantMode: input.grantMode ?? 'AUTO',
    group: input.group ?? null,
    position: input.position ?? 0,
    status,
    activatedAt: status === 'ACTIVE' ? now : null,
    rewards: newRewards(input.rewards ?? []),
    version: 1,
    createdAt: now,
    updatedAt: now
  }
  checkDates(event)
  checkCondition(event.condition)
  checkStockPer(event)
  return event
}

/**
 * Returns the event after a change, or the same object if nothing changes. Repeating a value is not a change, so a
 * client may send back what it has read. Throws a 400 that names the invalid field, or 409 `EVENT_FROZEN`.
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
  checkStockPer(wanted)
  if (event.activatedAt !== null) checkFrozen(event, wanted)
  return {
    ...wanted,
    activatedAt: event.activatedAt ?? (wanted.status === 'ACTIVE' ? now : null),
    version: event.version + 1,
    updatedAt: now
  }
}

/** The properties that decide a grant. */
const frozenFields = [
  'condition', 'claimPeriod', 'timeZone', 'dayStartsAt', 'weekStartsOn', 'stockPer', 'grantMode', 'startsAt'
] as const

function checkFrozen (event: RewardEvent, wanted: RewardEvent): void {
  for (const name of frozenFields) {
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
  if (instant === undefined) throw invalidField(pointer, 'must be an RFC 3339 timestamp with an offset')
  return instant
}

function readOptionalInstant (pointer: string, text: string | null | undefined): Date | null {
  return text === undefined || text === null ? null : readInstant(pointer, text)
}
