import t from 'tap'
import { localDate } from '../../../src/domain/calendar.ts'

const midnightIn = (timeZone: string) => ({ timeZone, dayStartsAt: '00:00' })

/** The first instant of a local date, and the dates before and after it. */
const boundaries = [
  ['UTC', '2026-11-21T00:00:00.000Z', '2026-11-20', '2026-11-21'],
  ['Asia/Seoul', '2026-11-20T15:00:00.000Z', '2026-11-20', '2026-11-21'],
  ['Asia/Kathmandu', '2026-11-20T18:15:00.000Z', '2026-11-20', '2026-11-21'],
  // The day of 23 hours: clocks go from 02:00 to 03:00.
  ['America/New_York', '2026-03-08T05:00:00.000Z', '2026-03-07', '2026-03-08'],
  ['America/New_York', '2026-03-09T04:00:00.000Z', '2026-03-08', '2026-03-09'],
  // The day of 25 hours: clocks go from 02:00 back to 01:00.
  ['America/New_York', '2026-11-01T04:00:00.000Z', '2026-10-31', '2026-11-01'],
  ['America/New_York', '2026-11-02T05:00:00.000Z', '2026-11-01', '2026-11-02'],
  // Midnight does not exist on this day: it begins at 01:00.
  ['America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-05', '2026-09-06'],
  // December 30, 2011 did not exist there.
  ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-29', '2011-12-31'],
  ['Asia/Seoul', '2099-12-31T15:00:00.000Z', '2099-12-31', '2100-01-01']
] as const

t.test('a local date begins at midnight of its zone, to the millisecond', async t => {
  for (const [zone, first, before, after] of boundaries) {
    const rules = midnightIn(zone)
    t.equal(localDate(new Date(Date.parse(first) - 1), rules), before, `${zone}, the last millisecond before ${first}`)
    t.equal(localDate(new Date(first), rules), after, `${zone}, ${first}`)
  }
})

t.test('a clock that is set back across midnight repeats the earlier date', async t => {
  // St. John's went from 00:01 back to 23:01 the day before.
  const dates = [
    '2010-11-07T02:29:59Z',
    '2010-11-07T02:30:30Z',
    '2010-11-07T02:31:00Z',
    '2010-11-07T03:29:59Z',
    '2010-11-07T03:30:00Z'
  ].map(text => localDate(new Date(text), midnightIn('America/St_Johns')))
  t.strictSame(dates, ['2010-11-06', '2010-11-07', '2010-11-06', '2010-11-06', '2010-11-07'])
})

t.test('dates are correct after the cache was cleared', async t => {
  const start = Date.UTC(2020, 0, 1)
  const quarter = 15 * 60_000
  for (let n = 0; n < 50_100; n++) localDate(new Date(start + n * quarter), midnightIn('UTC'))
  for (const n of [0, 95, 96, 50_000]) {
    const instant = new Date(start + n * quarter)
    t.equal(localDate(instant, midnightIn('UTC')), instant.toISOString().slice(0, 10))
  }
})

t.test('a day that starts at 05:00 has the hours until 04:59 of the next date', async t => {
  const rules = { timeZone: 'Asia/Seoul', dayStartsAt: '05:00' }
  t.equal(localDate(new Date('2026-11-21T04:59:59.999+09:00'), rules), '2026-11-20')
  t.equal(localDate(new Date('2026-11-21T05:00:00.000+09:00'), rules), '2026-11-21')
  t.equal(localDate(new Date('2026-11-22T04:59:59.999+09:00'), rules), '2026-11-21')
})
