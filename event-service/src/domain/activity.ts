import type { CallerRole, Ingestion, NewActivity } from '@laurel/shared/contracts'
import { parseInstant } from '@laurel/shared/instant'

/** Something a user did, as it is kept: once for each sender and the sender's own id. */
export interface SentActivity {
  readonly sender: string
  readonly id: string
  readonly userId: string
  readonly type: string
  readonly occurredAt: Date
  readonly value?: number
  readonly data?: Readonly<Record<string, string | number | boolean>>
}

/** Milliseconds that a sender's clock may be ahead of ours. */
const tolerance = 5 * 60_000
/** Milliseconds that a machine client may be late; ADMIN may backfill. */
const lateness = 48 * 3_600_000
const maxValue = 1_000_000_000
const reserved = /^(?:user|friend)\./

/** Who sends: a person or machine with a token, or another server of the platform itself. */
export interface Sender {
  readonly id: string
  readonly role: CallerRole | 'PLATFORM'
}

export interface Sorted {
  readonly accepted: readonly SentActivity[]
  readonly rejected: Ingestion['rejected']
}

/** Sorts out what may not count, one by one: a bad one spoils no other. */
export function sortActivities (activities: readonly NewActivity[], sender: Sender, now: Date): Sorted {
  const accepted: SentActivity[] = []
  const rejected: Ingestion['rejected'] = []
  activities.forEach((activity, index) => {
    const occurredAt = parseInstant(activity.occurredAt ?? '') ?? now
    const reason = reasonAgainst(activity, occurredAt, sender, now)
    if (reason === undefined) accepted.push({ ...activity, occurredAt, sender: sender.id })
    else rejected.push({ index, code: reason[0], detail: reason[1] })
  })
  return { accepted, rejected }
}

function reasonAgainst (
  { type, value }: NewActivity, occurredAt: Date, { role }: Sender, now: Date
): readonly [code: string, detail: string] | undefined {
  if (role === 'SERVICE' && reserved.test(type)) return ['RESERVED_TYPE', 'type: user.* and friend.* are the platform\'s own']
  if (occurredAt.getTime() > now.getTime() + tolerance) return ['OCCURRED_IN_FUTURE', 'occurredAt: more than 5 minutes ahead']
  if (role === 'SERVICE' && occurredAt.getTime() < now.getTime() - lateness) return ['OCCURRED_TOO_LONG_AGO', 'occurredAt: more than 48 hours ago']
  if (value !== undefined && !isCountable(value)) return ['VALUE_OUT_OF_RANGE', 'value: 0 to 1,000,000,000 with at most 3 decimals']
  return undefined
}

function isCountable (value: number): boolean {
  return value >= 0 && value <= maxValue && Math.round(value * 1000) / 1000 === value
}
