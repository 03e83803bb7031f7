import type { CallerRole, IngestionResult, NewActivity } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { parseInstant } from '@laurel/shared/instant'

/** An activity that a sender reported. It is stored once per user, sender and the sender's own id. */
export interface ReportedActivity {
  readonly sender: string
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly occurredAt: Date
  readonly value?: number
  readonly data?: Readonly<Record<string, string | number | boolean>>
}

/** A stored activity. */
export interface StoredActivity extends ReportedActivity {
  readonly receivedAt: Date
}

/** How far the clock of a sender may be ahead of this server's clock, in milliseconds. */
const clockTolerance = 5 * 60_000
/** How late a machine client may report an activity, in milliseconds. An ADMIN may backfill. */
const maxDelay = 48 * 3_600_000
const maxValue = 1_000_000_000
const reservedType = /^(?:user|friend)\./
/** Activity types that cannot be reported, because they are derived from the claims. */
const derivedType = /^event\./

/** Who reports activities: a person or a machine client with a token, or another server of the platform. */
export interface Sender {
  readonly id: string
  readonly role: CallerRole | 'PLATFORM'
}

/** Checks that a sender may report activities as CSV. Throws 403 `FORBIDDEN`. */
export function checkMayImport ({ role }: Sender): void {
  if (role === 'ADMIN') return
  throw new DomainError('forbidden', 'FORBIDDEN', 'Only an ADMIN can send activities as CSV; send them as JSON.')
}

export interface ScreenedActivities {
  readonly accepted: readonly ReportedActivity[]
  readonly rejected: IngestionResult['rejected']
}

interface Rejection {
  readonly code: string
  readonly detail: string
}

/** Separates the activities that may be stored from those that are rejected. Each activity is checked separately. */
export function screenActivities (activities: readonly NewActivity[], sender: Sender, now: Date): ScreenedActivities {
  const accepted: ReportedActivity[] = []
  const rejected: IngestionResult['rejected'] = []
  activities.forEach((activity, index) => {
    const occurredAt = parseInstant(activity.occurredAt) ?? now
    const rejection = findRejection(activity, occurredAt, sender, now)
    if (rejection === undefined) accepted.push({ ...activity, occurredAt, sender: sender.id })
    else rejected.push({ index, ...rejection })
  })
  return { accepted, rejected }
}

function findRejection (
  { type, value }: NewActivity, occurredAt: Date, { role }: Sender, now: Date
): Rejection | undefined {
  const age = now.getTime() - occurredAt.getTime()
  if (derivedType.test(type)) {
    return { code: 'RESERVED_TYPE', detail: 'The types event.* are reserved; they are derived from the claims.' }
  }
  if (role === 'SERVICE' && reservedType.test(type)) {
    return { code: 'RESERVED_TYPE', detail: 'The types user.* and friend.* are reserved for the platform.' }
  }
  if (age < -clockTolerance) {
    return { code: 'OCCURRED_IN_FUTURE', detail: 'occurredAt must be at most 5 minutes ahead.' }
  }
  if (role === 'SERVICE' && age > maxDelay) {
    return { code: 'OCCURRED_TOO_LONG_AGO', detail: 'occurredAt must be at most 48 hours ago.' }
  }
  if (value !== undefined && !isCountable(value)) {
    return { code: 'VALUE_OUT_OF_RANGE', detail: 'value must be 0 to 1,000,000,000 with at most 3 decimal places.' }
  }
  return undefined
}

function isCountable (value: number): boolean {
  return value >= 0 && value <= maxValue && Math.round(value * 1000) / 1000 === value
}
