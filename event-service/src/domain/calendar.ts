const formatters = new Map<string, Intl.DateTimeFormat>()

/** Returns the formatter of a time zone. Creating one costs as much as a thousand uses, so it is kept. */
function formatterOf (timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone)
  if (formatter === undefined) {
    // en-CA writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formatters.set(timeZone, formatter)
  }
  return formatter
}

/** A calendar date, `YYYY-MM-DD`. */
export type LocalDate = string

/** A calendar day in UTC, in milliseconds. */
export const day = 86_400_000

/** In milliseconds. */
const quarterHour = 15 * 60_000
const maxCachedQuarters = 50_000
/** Dates by quarter hour and time zone. `null` if the date changes within the quarter hour. */
const cachedDates = new Map<string, LocalDate | null>()

/**
 * Returns the calendar date of an instant in a time zone.
 * Formatting is slow, so the date of a quarter hour is cached if it has only one.
 * Since 2000 the offsets of all zones are multiples of 15 minutes, so a day begins between two quarter hours.
 * The date changes within one only if a clock is set back over midnight (in St. John's at 00:01 until 2011).
 * Then the two ends of the quarter hour have different dates.
 */
export function localDate (instant: Date, timeZone: string): LocalDate {
  const quarter = Math.floor(instant.getTime() / quarterHour)
  const key = `${quarter} ${timeZone}`
  let date = cachedDates.get(key)
  if (date === undefined) {
    const { format } = formatterOf(timeZone)
    const first = format(quarter * quarterHour)
    date = first === format((quarter + 1) * quarterHour - 1) ? first : null
    if (cachedDates.size >= maxCachedQuarters) cachedDates.clear()
    cachedDates.set(key, date)
  }
  return date ?? formatterOf(timeZone).format(instant)
}

/** Returns midnight UTC of a date. From one date to the next it grows by `day`. */
export function utcOf (date: LocalDate): number {
  return Date.parse(`${date}T00:00:00Z`)
}

/** Returns the Monday of a date's ISO week as midnight UTC. */
export function mondayOf (date: LocalDate): number {
  const instant = utcOf(date)
  const sinceMonday = (new Date(instant).getUTCDay() + 6) % 7
  return instant - sinceMonday * day
}

/** Returns `YYYY-Www` (ISO 8601). A week belongs to the year of its Thursday; week 1 has the year's first Thursday. */
export function isoWeek (date: LocalDate): string {
  const thursday = mondayOf(date) + 3 * day
  const year = new Date(thursday).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** Returns the length of the longest run of consecutive calendar dates. */
export function longestRun (dates: Iterable<LocalDate>): number {
  const days = [...new Set(dates)].map(utcOf).sort((a, b) => a - b)
  let longest = 0
  let run = 0
  let previous = NaN
  for (const instant of days) {
    run = instant === previous + day ? run + 1 : 1
    longest = Math.max(longest, run)
    previous = instant
  }
  return longest
}
