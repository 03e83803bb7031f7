import { day, isoWeek, localDate, mondayOf, utcOf, type LocalDate } from './calendar.ts'
import type { RewardEvent } from './event.ts'

type Calendar = Pick<RewardEvent, 'claimPeriod' | 'timeZone' | 'startsAt' | 'endsAt'>

/** What one claim is for: the whole event, or a calendar day, ISO week or month of it in the event's zone. */
export interface Period {
  /** `EVENT`, `2026-11-21`, `2026-W47` or `2026-11`. */
  readonly name: string
  /** Everything that belongs to it lies in `[from, to)`; around midnight more may lie there. */
  readonly from: Date
  readonly to: Date
}

/**
 * The period that a claim at this instant is for. After `endsAt` it is that of the last instant before, so that the last
 * period can be claimed until `claimUntil`; before `startsAt` it is the first one.
 */
export function periodAt (event: Calendar, now: Date): Period {
  const { claimPeriod, timeZone, startsAt, endsAt } = event
  const last = endsAt.getTime() - 1
  const instant = new Date(Math.min(Math.max(now.getTime(), startsAt.getTime()), last))
  const date = localDate(instant, timeZone)
  const [begin, end] = spanOf(claimPeriod, date)
  return {
    name: nameOf(claimPeriod, date),
    // No zone is a day away from UTC; what the margin lets in too many, `belongsTo` sorts out.
    from: new Date(Math.max(startsAt.getTime(), begin - day)),
    to: new Date(Math.min(endsAt.getTime(), end + day))
  }
}

/** Whether an instant counts for a period: by its date in the event's zone, and within the event to the millisecond. */
export function belongsTo ({ name }: Period, instant: Date, { claimPeriod, timeZone, startsAt, endsAt }: Calendar): boolean {
  if (instant < startsAt || instant >= endsAt) return false
  return claimPeriod === 'EVENT' || nameOf(claimPeriod, localDate(instant, timeZone)) === name
}

function nameOf (claimPeriod: RewardEvent['claimPeriod'], date: LocalDate): string {
  switch (claimPeriod) {
    case 'EVENT': return 'EVENT'
    case 'DAY': return date
    case 'WEEK': return isoWeek(date)
    case 'MONTH': return date.slice(0, 7)
  }
}

/** The dates of a period as midnights UTC, `[begin, end)`. */
function spanOf (claimPeriod: RewardEvent['claimPeriod'], date: LocalDate): readonly [begin: number, end: number] {
  switch (claimPeriod) {
    case 'EVENT': return [-Infinity, Infinity]
    case 'DAY': return [utcOf(date), utcOf(date) + day]
    case 'WEEK': return [mondayOf(date), mondayOf(date) + 7 * day]
    case 'MONTH': {
      const [year = 0, month = 0] = date.split('-').map(Number)
      return [Date.UTC(year, month - 1, 1), Date.UTC(year, month, 1)]
    }
  }
}
