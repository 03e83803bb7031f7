import {
  day, localDate, quarterHour, startOfDay, utcOf, weekBegin, weekName, weekStart, type LocalDate
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
  /** Returns the dates of the period as midnights UTC, `[begin, end)`. */
  readonly span: (date: LocalDate, event: Calendar) => readonly [begin: number, end: number]
  /** Returns the first date of the period with this name as midnight UTC, or `NaN` for another kind of name. */
  readonly beginOf: (name: string) => number
}

const claimPeriods: Readonly<Record<RewardEvent['claimPeriod'], ClaimPeriodRules>> = {
  EVENT: {
    nameOf: () => 'EVENT',
    span: () => [-Infinity, Infinity],
    beginOf: () => NaN
  },
  DAY: {
    nameOf: date => date,
    span: date => [utcOf(date), utcOf(date) + day],
    beginOf: utcOf
  },
  WEEK: {
    nameOf: (date, { weekStartsOn }) => weekName(date, weekStartsOn),
    span (date, { weekStartsOn }) {
      const begin = weekStart(date, weekStartsOn)
      return [begin, begin + 7 * day]
    },
    beginOf: weekBegin
  },
  MONTH: {
    nameOf: date => date.slice(0, 7),
    span (date) {
      const [year = 0, month = 0] = date.split('-').map(Number)
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1)]
    },
    beginOf: name => utcOf(`${name}-01`)
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
  const [begin, end] = span(date, event)
  return {
    name: nameOf(date, event),
    // No time zone is a whole day away from UTC, and a day may begin late on its date.
    // `belongsTo` excludes the other instants that these margins include.
    from: new Date(Math.max(startsAt.getTime(), begin - day)),
    to: new Date(Math.min(endsAt.getTime(), end + day + startOfDay(dayStartsAt)))
  }
}

/**
 * Returns an instant of the event's period with this name. Returns `undefined` if the event has no such period, or if
 * the period has not started yet.
 */
export function instantOf (name: string, event: Calendar, now: Date): Date | undefined {
  if (periodAt(event, now).name === name) return now
  const begin = claimPeriods[event.claimPeriod].beginOf(name)
  // No time zone is a whole day away from UTC, and a day may begin late on its date. If a time zone skips a date, the
  // day before it can be only 15 minutes long.
  for (let time = begin - day; time < begin + 3 * day; time += quarterHour) {
    const instant = new Date(Math.min(time, now.getTime()))
    if (periodAt(event, instant).name === name) return instant
  }
  return undefined
}

/** Whether an instant belongs to a period: its date in the event's time zone does, and it is within the event. */
export function belongsTo (period: Period, instant: Date, event: Calendar): boolean {
  const { claimPeriod, startsAt, endsAt } = event
  if (instant < startsAt || instant >= endsAt) return false
  return claimPeriod === 'EVENT' || claimPeriods[claimPeriod].nameOf(localDate(instant, event), event) === period.name
}
