// A slow and obvious calendar, independent of the one in event-service, which is compared with it.

const day = 86_400_000
const weekdays = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY']

/** The settings of an event that define its days, weeks and months. */
export interface CalendarRules {
  readonly timeZone: string
  readonly dayStartsAt: string
  readonly weekStartsOn: string
  readonly claimPeriod: string
}

const clocks = new Map<string, Intl.DateTimeFormat>()
const knownDates = new Map<string, Map<number, string>>()
const knownPeriods = new Map<string, string>()

/** Returns the local time in a time zone, as `2026-11-21 04:59:59`. */
export function wallTime (instant: Date, timeZone: string): string {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit'
  })
  clocks.set(timeZone, clock)
  const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, value]))
  return `${part['year']}-${part['month']}-${part['day']} ${part['hour']}:${part['minute']}:${part['second']}`
}

/** Returns the date of the day that an instant belongs to. */
export function dateOf (
  instant: Date, { timeZone, dayStartsAt }: Pick<CalendarRules, 'timeZone' | 'dayStartsAt'>
): string {
  const name = `${timeZone} ${dayStartsAt}`
  const dates = knownDates.get(name) ?? new Map<number, string>()
  knownDates.set(name, dates)
  const found = dates.get(instant.getTime())
  if (found !== undefined) return found
  const [date = '', time = ''] = wallTime(instant, timeZone).split(' ')
  const result = time.slice(0, 5) < dayStartsAt ? plusDays(date, -1) : date
  dates.set(instant.getTime(), result)
  return result
}

/** Returns the name of the period that an instant belongs to. */
export function periodAt (instant: Date, rules: CalendarRules): string {
  return rules.claimPeriod === 'EVENT' ? 'EVENT' : periodOf(dateOf(instant, rules), rules)
}

/** Returns the name of the period that a date belongs to. */
export function periodOf (date: string, rules: CalendarRules): string {
  const name = `${date} ${rules.claimPeriod} ${rules.weekStartsOn}`
  const period = knownPeriods.get(name) ?? computePeriod(date, rules)
  knownPeriods.set(name, period)
  return period
}

function computePeriod (date: string, { claimPeriod, weekStartsOn }: CalendarRules): string {
  if (claimPeriod === 'DAY') return date
  if (claimPeriod === 'MONTH') return date.slice(0, 7)
  if (claimPeriod === 'EVENT') return 'EVENT'
  let first = date
  while (weekdayOf(first) !== weekStartsOn) first = plusDays(first, -1)
  return weekStartsOn === 'MONDAY' ? isoWeek(plusDays(first, 3)) : `W${first}`
}

/** Returns the ISO week of a Thursday: its number among the Thursdays of its year. */
function isoWeek (thursday: string): string {
  const year = thursday.slice(0, 4)
  let weeks = 0
  for (let date = thursday; date.startsWith(year); date = plusDays(date, -7)) weeks += 1
  return `${year}-W${String(weeks).padStart(2, '0')}`
}

export function plusDays (date: string, days: number): string {
  return new Date(Date.parse(date) + days * day).toISOString().slice(0, 10)
}

function weekdayOf (date: string): string {
  return weekdays[new Date(date).getUTCDay()] ?? ''
}
