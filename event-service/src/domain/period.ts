import {
  day, dayOffset, firstDateOfWeek, localDate, midnightUtc, parseDate, quarterHour, startOfWeek, weekName, type LocalDate
} from './calendar.ts'
import type { RewardEvent } from './event.ts'

/** The properties of an event that its calendar depends on. */
export type Calendar = Pick<
  RewardEvent, 'claimPeriod' | 'timeZone' | 'dayStartsAt' | 'weekStartsOn' | 'startsAt' | 'endsAt'
>

/** The period of a claim: the whole event, or one of its days, weeks or months. */
export interface Period {
  /** `EVENT`, `2026-11-21`, `2026-W47` (or `W2026-11-19`) or `2026-11`. */
  readonly name: string
  /** Every instant of the period is in `[from, to)`. Near midnight, instants of other periods can be in it, too. */
  readonly from: Date
  readonly to: Date
}

/** Everything that depends on the claim period of an event. */
interface ClaimPeriodRules {
  readonly nameOf: (date: LocalDate, event: Calendar) => string
  /** Returns the dates of the period as midnights UTC, `[start, end)`. */
  readonly span: (date: LocalDate, event: Calendar) => readonly [start: number, end: number]
  /** Returns the first date of the period with this name, or `undefined` for another kind of name. */
  readonly firstDateOf: (name: string) => LocalDate | undefined
}

const claimPeriods: Readonly<Record<RewardEvent['claimPeriod'], ClaimPeriodRules>> = {
  EVENT: {
    nameOf: () => 'EVENT',
    span: () => [-Infinity, Infinity],
    firstDateOf: () => undefined
  },
  DAY: {
    nameOf: date => date,
    span: date => [midnightUtc(date), midnightUtc(date) + day],
    firstDateOf: parseDate
  },
  WEEK: {
    nameOf: (date, { weekStartsOn }) => weekName(date, weekStartsOn),
    span (date, { weekStartsOn }) {
      const start = startOfWeek(date, weekStartsOn)
      return [start, start + 7 * day]
    },
    firstDateOf: firstDateOfWeek
  },
  MONTH: {
    nameOf: date => date.slice(0, 7),
    span (date) {
      const [year = 0, month = 0] = date.split('-').map(Number)
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1)]
    },
    firstDateOf: name => parseDate(`${name}-01`)
  }
}

/**
 * Returns the period of a claim at this instant. After `endsAt` it is the last period of the event, so that it can be
 * claimed until `claimUntil`. Before `startsAt` it is the first one.
 */
export function periodAt (event: Calendar, now: Date): Period {
  const { claimPeriod, dayStartsAt, startsAt, endsAt } = event
  const { nameOf, span } = claimPeriods[claimPeriod]
  const lastInstant = endsAt.getTime() - 1
  const instant = new Date(Math.min(Math.max(now.getTime(), startsAt.getTime()), lastInstant))
  const date = localDate(instant, event)
  const [start, end] = span(date, event)
  return {
    name: nameOf(date, event),
    // No time zone is a whole day away from UTC, and a day may start late on its date.
    // `belongsTo` excludes the other instants that these margins include.
    from: new Date(Math.max(startsAt.getTime(), start - day)),
    to: new Date(Math.min(endsAt.getTime(), end + day + dayOffset(dayStartsAt)))
  }
}

/**
 * Returns an instant of the event's period with this name. Returns `undefined` if the event has no such period, or if
 * the period has not started yet.
 */
export function instantOf (name: string, event: Calendar, now: Date): Date | undefined {
  if (periodAt(event, now).name === name) return now
  const { firstDateOf, nameOf, span } = claimPeriods[event.claimPeriod]
  const date = firstDateOf(name)
  if (date === undefined || nameOf(date, event) !== name) return undefined
  const [start, end] = span(date, event)
  const earliest = event.startsAt.getTime()
  const latest = Math.min(now.getTime(), event.endsAt.getTime() - 1)
  const dateAt = (time: number): LocalDate => localDate(new Date(time), event)
  if (end <= midnightUtc(dateAt(earliest)) || start > midnightUtc(dateAt(latest))) return undefined
  for (const near of instantsNear(start, event.dayStartsAt)) {
    const time = Math.min(Math.max(near, earliest), latest)
    if (nameOf(dateAt(time), event) === name) return new Date(time)
  }
  return undefined
}

/**
 * Yields instants of which at least one belongs to the day with this date, in any time zone that has the date. The
 * first one nearly always does.
 */
function * instantsNear (midnight: number, dayStartsAt: string): Generator<number> {
  yield midnight + dayOffset(dayStartsAt) + day / 2
  // No time zone is a whole day away from UTC, and a day may start late on its date. If a time zone skips a date, the
  // day before it can be only 15 minutes long.
  for (let time = midnight - day; time < midnight + 3 * day; time += quarterHour) yield time
}

/** Whether an instant belongs to a period: its date in the event's time zone does, and it is within the event. */
export function belongsTo (period: Period, instant: Date, event: Calendar): boolean {
  const { claimPeriod, startsAt, endsAt } = event
  if (instant < startsAt || instant >= endsAt) return false
  return claimPeriod === 'EVENT' || claimPeriods[claimPeriod].nameOf(localDate(instant, event), event) === period.name
}
