import type { Weekday } from '@laurel/shared/contracts'

/** The settings that define the days of an event: the time zone, and the local time at which a day begins. */
export interface DayRules {
  /** The name of a time zone of the tz database. */
  readonly timeZone: string
  /** `HH:MM` in steps of 15 minutes. The name of a day is the date on which it begins. */
  readonly dayStartsAt: string
}

type FormatterOf = (timeZone: string) => Intl.DateTimeFormat

/**
 * Returns a function that returns the formatter of a time zone. Formatters are cached, because creating one costs as
 * much as 1,000 uses. They write ISO 8601 with a space: `2026-11-21 04:59`.
 */
export function createFormatters (options: Intl.DateTimeFormatOptions): FormatterOf {
  const formatters = new Map<string, Intl.DateTimeFormat>()
  return timeZone => {
    const formatter = formatters.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { ...options, timeZone })
    formatters.set(timeZone, formatter)
    return formatter
  }
}

const formatterOf = createFormatters({
  hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit'
})

/** A calendar date, `YYYY-MM-DD`. */
export type LocalDate = string

/** A calendar day in UTC, in milliseconds. */
export const day = 86_400_000

/** Days begin at multiples of this time, in milliseconds. */
export const quarterHour = 15 * 60_000
const maxCachedQuarters = 50_000
/** Dates by quarter hour, time zone and start of the day. `null` if the date changes within the quarter hour. */
const cachedDates = new Map<string, LocalDate | null>()

/**
 * Returns the date of the day that an instant belongs to.
 * Formatting is slow, so the date of a quarter hour is cached if it has only one.
 * Since 2000 the offsets of all zones are multiples of 15 minutes, and so are the times at which days may begin.
 * Therefore a day begins between two quarter hours.
 * The date changes within a quarter hour only if a clock is set back over midnight (in St. John's at 00:01 until 2011).
 * Then the first and the last instant of the quarter hour have different dates.
 */
export function localDate (instant: Date, rules: DayRules): LocalDate {
  const quarter = Math.floor(instant.getTime() / quarterHour)
  const key = `${quarter} ${rules.timeZone} ${rules.dayStartsAt}`
  let date = cachedDates.get(key)
  if (date === undefined) {
    const first = computeDate(quarter * quarterHour, rules)
    date = first === computeDate((quarter + 1) * quarterHour - 1, rules) ? first : null
    if (cachedDates.size >= maxCachedQuarters) cachedDates.clear()
    cachedDates.set(key, date)
  }
  return date ?? computeDate(instant.getTime(), rules)
}

function computeDate (time: number, { timeZone, dayStartsAt }: DayRules): LocalDate {
  const [date = '', wallTime = ''] = formatterOf(timeZone).format(time).split(' ')
  return wallTime < dayStartsAt ? dateOf(midnightUtc(date) - day) : date
}

function dateOf (midnight: number): LocalDate {
  return new Date(midnight).toISOString().slice(0, 10)
}

/** Returns how long after midnight a day begins, in milliseconds. */
export function dayOffset (dayStartsAt: string): number {
  const [hours = 0, minutes = 0] = dayStartsAt.split(':').map(Number)
  return (hours * 60 + minutes) * 60_000
}

/** Returns midnight UTC of a date. Consecutive dates differ by `day`. */
export function midnightUtc (date: LocalDate): number {
  return Date.parse(`${date}T00:00:00Z`)
}

/** In the order of `getUTCDay`. */
const weekdays: readonly Weekday[] = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY']

/** Returns the first date of a date's week as midnight UTC. */
export function startOfWeek (date: LocalDate, weekStartsOn: Weekday): number {
  const midnight = midnightUtc(date)
  const sinceStart = (new Date(midnight).getUTCDay() - weekdays.indexOf(weekStartsOn) + 7) % 7
  return midnight - sinceStart * day
}

/**
 * Returns the name of a date's week: `2026-W47` (ISO 8601) if weeks begin on Monday, else `W2026-11-19`, the date that
 * it begins on.
 */
export function weekName (date: LocalDate, weekStartsOn: Weekday): string {
  return weekStartsOn === 'MONDAY' ? isoWeek(date) : `W${dateOf(startOfWeek(date, weekStartsOn))}`
}

/** Returns the first date of the week with this name, or `undefined` if it is not the name of a week. */
export function firstDateOfWeek (name: string): LocalDate | undefined {
  const [, year, week] = /^([12]\d{3})-W(\d{2})$/.exec(name) ?? []
  if (year === undefined) return name.startsWith('W') ? parseDate(name.slice(1)) : undefined
  // January 4 is always in week 1.
  return dateOf(startOfWeek(`${year}-01-04`, 'MONDAY') + (Number(week) - 1) * 7 * day)
}

/** Returns the text if it is a date of the years 1000 to 2999, otherwise `undefined`. */
export function parseDate (text: string): LocalDate | undefined {
  const midnight = /^[12]\d{3}-\d{2}-\d{2}$/.test(text) ? midnightUtc(text) : NaN
  // V8 parses February 30 as March 2.
  return !Number.isNaN(midnight) && dateOf(midnight) === text ? text : undefined
}

/** Returns `YYYY-Www` (ISO 8601). A week belongs to the year of its Thursday; week 1 has the year's first Thursday. */
function isoWeek (date: LocalDate): string {
  const thursday = startOfWeek(date, 'MONDAY') + 3 * day
  const year = new Date(thursday).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/**
 * Returns the number of dates in the longest run.
 * @param grace the maximum number of missing dates inside a run. They do not count.
 */
export function longestRun (dates: Iterable<LocalDate>, grace = 0): number {
  const days = [...new Set(dates)].map(midnightUtc).sort((a, b) => a - b)
  let longest = 0
  let first = 0
  days.forEach((last, index) => {
    const span = (from: number): number => (last - Number(days[from])) / day
    while (span(first) - (index - first) > grace) first += 1
    longest = Math.max(longest, index - first + 1)
  })
  return longest
}
