import { Temporal } from '@js-temporal/polyfill'
import type { Weekday } from '@laurel/shared/contracts'
import fc from 'fast-check'
import t from 'tap'
import { localDate, longestRun, weekName } from '../../../src/domain/calendar.ts'
import { belongsTo, periodAt } from '../../../src/domain/period.ts'
import { assertProperty } from '../../../../test/kit/run/property.ts'

const weekdays: readonly Weekday[] = [
  'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'
]
const quarterHour = 15 * 60_000
const hour = 3_600_000

const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
const weekday = fc.constantFrom(...weekdays)
const dayStart = fc.integer({ min: 0, max: 95 }).map(quarter => {
  const [hours, minutes] = [Math.floor(quarter / 4), quarter % 4 * 15]
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
})
const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2037-12-31'), noInvalidDate: true })

function localTime (time: number, timeZone: string): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(timeZone).toPlainDateTime()
}

/** The slow, obvious version, based on the local time from Temporal. */
function slowDate (wall: Temporal.PlainDateTime, dayStartsAt: string): Temporal.PlainDate {
  const isBefore = Temporal.PlainTime.compare(wall.toPlainTime(), dayStartsAt) < 0
  return isBefore ? wall.toPlainDate().subtract({ days: 1 }) : wall.toPlainDate()
}

function slowWeek (date: Temporal.PlainDate, weekStartsOn: Weekday): string {
  const begin = date.subtract({ days: (date.dayOfWeek - 1 - weekdays.indexOf(weekStartsOn) + 7) % 7 })
  if (weekStartsOn !== 'MONDAY') return `W${begin.toString()}`
  return `${date.yearOfWeek}-W${String(date.weekOfYear).padStart(2, '0')}`
}

t.test('the day of an instant matches Temporal, in all zones and for all quarter hours', async () => {
  assertProperty(fc.property(zone, dayStart, instant, (timeZone, dayStartsAt, at) => {
    const expected = slowDate(localTime(at.getTime(), timeZone), dayStartsAt).toString()
    return localDate(at, { timeZone, dayStartsAt }) === expected
  }), 1500)
})

// Clock changes at midnight, at 02:00, by 30 minutes, at 00:01, across the date line, and skipped days.
const changes: ReadonlyArray<readonly [timeZone: string, at: string]> = [
  ['Europe/London', '2026-03-29T01:00:00Z'], ['Europe/London', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'], ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'], ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00:00Z'], ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  ['America/Santiago', '2026-04-05T03:00:00Z'], ['America/Santiago', '2026-09-06T04:00:00Z'],
  ['America/St_Johns', '2010-03-14T03:31:00Z'], ['America/St_Johns', '2010-11-07T02:31:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'], ['Asia/Pyongyang', '2018-05-04T15:00:00Z'],
  ['Asia/Seoul', '2024-02-28T15:00:00Z'], ['Asia/Seoul', '2026-12-31T15:00:00Z'], ['UTC', '2024-02-29T00:00:00Z']
]
for (const [timeZone, at] of changes) {
  t.test(`around ${at} in ${timeZone}: every quarter hour of two days has the right day`, async t => {
    const wrong: string[] = []
    for (let time = Date.parse(at) - 24 * hour; time <= Date.parse(at) + 24 * hour; time += quarterHour) {
      for (const exact of [time, time + quarterHour - 1]) {
        const wall = localTime(exact, timeZone)
        for (const dayStartsAt of ['00:00', '01:30', '02:30', '05:00', '23:45']) {
          const ours = localDate(new Date(exact), { timeZone, dayStartsAt })
          const isRight = ours === slowDate(wall, dayStartsAt).toString()
          if (!isRight) wrong.push(`${new Date(exact).toISOString()} ${dayStartsAt}: ${ours}`)
        }
      }
    }
    t.same(wrong, [])
  })
}

t.test('weeks begin on the day that the event defines, even across the end of a year', async () => {
  assertProperty(fc.property(instant, weekday, (at, weekStartsOn) => {
    const date = at.toISOString().slice(0, 10)
    return weekName(date, weekStartsOn) === slowWeek(Temporal.PlainDate.from(date), weekStartsOn)
  }), 1000)
})

t.test('a period contains exactly the instants whose day is in it, all of them within its margins', async () => {
  const claimPeriod = fc.constantFrom('EVENT' as const, 'DAY' as const, 'WEEK' as const, 'MONTH' as const)
  const away = fc.integer({ min: -40 * 24 * hour, max: 40 * 24 * hour })
  const [startsAt, endsAt] = [new Date('1999-01-01'), new Date('2039-01-01')]
  const rules = fc.record({ timeZone: zone, dayStartsAt: dayStart, weekStartsOn: weekday, claimPeriod })
  assertProperty(fc.property(rules, instant, away, (rules, now, away) => {
    const { timeZone, dayStartsAt, weekStartsOn, claimPeriod } = rules
    const event = { ...rules, startsAt, endsAt }
    const nameOf = (date: Temporal.PlainDate): string => ({
      EVENT: 'EVENT',
      DAY: date.toString(),
      WEEK: slowWeek(date, weekStartsOn),
      MONTH: date.toString().slice(0, 7)
    })[claimPeriod]
    const period = periodAt(event, now)
    const other = new Date(now.getTime() + away)
    const isInside = nameOf(slowDate(localTime(other.getTime(), timeZone), dayStartsAt)) === period.name
    return period.name === nameOf(slowDate(localTime(now.getTime(), timeZone), dayStartsAt)) &&
      belongsTo(period, other, event) === isInside &&
      (!isInside || (other >= period.from && other < period.to))
  }), 1500)
})

t.test('a run with grace is the longest one that a slow search over all runs finds', async () => {
  const days = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 20 })
  assertProperty(fc.property(days, fc.integer({ min: 0, max: 7 }), (given, grace) => {
    const present = new Set(given)
    let longest = 0
    for (const first of present) {
      for (const last of present) {
        const inside = [...present].filter(day => day >= first && day <= last).length
        if (last >= first && last - first + 1 - inside <= grace) longest = Math.max(longest, inside)
      }
    }
    const dates = given.map(day => Temporal.PlainDate.from('2024-02-10').add({ days: day }).toString())
    return longestRun(dates, grace) === longest
  }), 1000)
})
