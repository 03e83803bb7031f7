const formatters = new Map<string, Intl.DateTimeFormat>()

/** Makes a formatter once a zone: making one costs a thousand uses. */
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

/** Milliseconds of a calendar day in UTC. */
export const day = 86_400_000

const block = 15 * 60_000
const maxBlocks = 50_000
const blocks = new Map<string, LocalDate | null>()

/**
 * The calendar date of an instant in an IANA zone, daylight saving included.
 * Formatting is slow, so the date of a quarter of an hour is remembered where it has only one. Since 2000 every zone's
 * offset is a multiple of 15 minutes, so a day begins between two quarters; within one the date turns only where a clock
 * is set back over midnight (St. John's at 00:01 until 2011), and then its two ends differ.
 */
export function localDate (instant: Date, timeZone: string): LocalDate {
  const quarter = Math.floor(instant.getTime() / block)
  const key = `${quarter} ${timeZone}`
  let date = blocks.get(key)
  if (date === undefined) {
    const { format } = formatterOf(timeZone)
    const first = format(quarter * block)
    date = first === format((quarter + 1) * block - 1) ? first : null
    if (blocks.size >= maxBlocks) blocks.clear()
    blocks.set(key, date)
  }
  return date ?? formatterOf(timeZone).format(instant)
}

/** Midnight UTC of a date: a number that goes up by `day` from one date to the next. */
export function utcOf (date: LocalDate): number {
  return Date.parse(`${date}T00:00:00Z`)
}

/** The Monday of a date's ISO week, as midnight UTC. */
export function mondayOf (date: LocalDate): number {
  const instant = utcOf(date)
  const sinceMonday = (new Date(instant).getUTCDay() + 6) % 7
  return instant - sinceMonday * day
}

/** `YYYY-Www` (ISO 8601): a week belongs to the year of its Thursday, and week 1 has the year's first Thursday. */
export function isoWeek (date: LocalDate): string {
  const thursday = mondayOf(date) + 3 * day
  const year = new Date(thursday).getUTCFullYear()
  const week = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** The longest run of consecutive dates, by calendar and not by 24 hours. */
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
