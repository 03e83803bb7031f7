import { day, isoWeek, localDate, mondayOf, utcOf, type LocalDate } from './calendar.ts'
import type { RewardEvent } from './event.ts'

type Calendar = Pick<RewardEvent, 'claimPeriod' | 'timeZone' | 'startsAt' | 'endsAt'>

/** What one claim is for: the whole event, or one calendar day, ISO week or month of it in the event's time zone. */
export interface Period {
  /** `EVENT`, `2026-11-21`, `2026-W47` or `2026-11`. */
  readonly name: string
  /** Every instant of the period lies in `[from, to)`. Around midnight, instants of other periods do too. */
  readonly from: Date
  readonly to: Date
}

/** Everything that a claim period decides. */
interface ClaimPeriodRules {
  readonly nameOf: (date: LocalDate) => string
  /** Returns the dates of the period as midnights UTC, `[begin, end)`. */
  readonly span: (date: LocalDate) => readonly [begin: number, end: number]
}

const claimPeriods: Readonly<Record<RewardEvent['claimPeriod'], ClaimPeriodRules>> = {
  EVENT: {
    nameOf: () => 'EVENT',
    span: () => [-Infinity, Infinity]
  },
  DAY: {
    nameOf: date => date,
    span: date => [utcOf(date), utcOf(date) + day]
  },
  WEEK: {
    nameOf: isoWeek,
    span: date => [mondayOf(date), mondayOf(date) + 7 * day]
  },
  MONTH: {
    nameOf: date => date.slice(0, 7),
    span (date) {
      const [year = 0, month = 0] = date.split('-').map(Number)
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1)]
    }
  }
}

/**
 * Returns the period of a claim at this instant. After `endsAt` it is the last period of the event, so that it can be
 * claimed until `claimUntil`. Before `startsAt` it is the first one.
 */
export function periodAt (event: Calendar, now: Date): Period {
  const { claimPeriod, timeZone, startsAt, endsAt } = event
  const { nameOf, span } = claimPeriods[claimPeriod]
  const lastInstant = endsAt.getTime() - 1
  const instant = new Date(Math.min(Math.max(now.getTime(), startsAt.getTime()), lastInstant))
  const date = localDate(instant, timeZone)
  const [begin, end] = span(date)
  return {
    name: nameOf(date),
    // No time zone is a whole day away from UTC. `belongsTo` excludes what this margin lets in.
    from: new Date(Math.max(startsAt.getTime(), begin - day)),
    to: new Date(Math.min(endsAt.getTime(), end + day))
  }
}

/** Whether an instant counts for a period: by its date in the event's time zone, and within the event. */
export function belongsTo (period: Period, instant: Date, event: Calendar): boolean {
  const { claimPeriod, timeZone, startsAt, endsAt } = event
  if (instant < startsAt || instant >= endsAt) return false
  return claimPeriod === 'EVENT' || claimPeriods[claimPeriod].nameOf(localDate(instant, timeZone)) === period.name
}
