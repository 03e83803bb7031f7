import fc from 'fast-check'
import t from 'tap'
import { belongsTo, instantOf, periodAt } from '../../../src/domain/period.ts'
import { slowPeriod } from './support/slow.ts'
import { assertProperty } from '../../../../test/kit/run/property.ts'

const zone = fc.constantFrom(
  'UTC',
  'Asia/Seoul',
  'America/New_York',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'America/St_Johns',
  'Pacific/Apia'
)
const claimPeriod = fc.constantFrom('EVENT' as const, 'DAY' as const, 'WEEK' as const, 'MONTH' as const)
const turns = [
  '2026-03-08T07:00:00Z',
  '2010-11-07T02:31:00Z',
  '2024-02-29T00:00:00Z',
  '2026-12-31T23:00:00Z',
  '2020-12-31T12:00:00Z',
  '2021-01-03T12:00:00Z',
  '2011-12-30T10:00:00Z'
]
const instant = fc
  .tuple(fc.constantFrom(...turns), fc.integer({ min: -40 * 86_400_000, max: 40 * 86_400_000 }))
  .map(([turn, offset]) => new Date(Date.parse(turn) + offset))
const event = fc
  .record({ claimPeriod, timeZone: zone, startsAt: instant, length: fc.integer({ min: 1, max: 90 * 86_400_000 }) })
  .map(({ length, ...rest }) => ({
    ...rest,
    dayStartsAt: '00:00',
    weekStartsOn: 'MONDAY' as const,
    endsAt: new Date(rest.startsAt.getTime() + length)
  }))

t.test('a period has the name that a calendar in its time zone gives it', async t => {
  assertProperty(fc.property(event, instant, (event, now) => {
    const clamped =
      now < event.startsAt ? event.startsAt : now >= event.endsAt ? new Date(event.endsAt.getTime() - 1) : now
    return periodAt(event, now).name === slowPeriod(event.claimPeriod, clamped, event.timeZone)
  }), 500)
  t.pass()
})

t.test('an instant belongs to the period of its date in the calendar, and is in the range of this period', async t => {
  assertProperty(fc.property(event, instant, instant, (event, now, other) => {
    const period = periodAt(event, now)
    const belongs = belongsTo(period, other, event)
    const expected =
      other >= event.startsAt &&
      other < event.endsAt &&
      slowPeriod(event.claimPeriod, other, event.timeZone) === period.name
    return belongs === expected && (!belongs || (other >= period.from && other < period.to))
  }), 500)
  t.pass()
})

const dayStartsAt = fc.constantFrom('00:00', '00:15', '05:00', '12:00', '23:45')
const weekStartsOn = fc.constantFrom('MONDAY' as const, 'SUNDAY' as const, 'THURSDAY' as const)

t.test('a period is found by its name, unless it has not started yet', async t => {
  const rules = fc.record({ dayStartsAt, weekStartsOn })
  assertProperty(fc.property(event, rules, instant, instant, (event, rules, a, b) => {
    const calendar = { ...event, ...rules }
    const [earlier, later] = a < b ? [a, b] : [b, a]
    const names = { earlier: periodAt(calendar, earlier).name, later: periodAt(calendar, later).name }
    const found = instantOf(names.earlier, calendar, later)
    const notYet = instantOf(names.later, calendar, earlier)
    return found !== undefined && found <= later && periodAt(calendar, found).name === names.earlier &&
      (notYet === undefined) === (names.later !== names.earlier)
  }), 1000)
  t.pass()
})

t.test('a day of 15 minutes, before a date that a time zone skips, is found by its name', async t => {
  // Samoa went from December 29, 2011, 23:59, to December 31, 00:00.
  const [startsAt, endsAt] = [new Date('2011-12-01'), new Date('2012-01-31')]
  const rules = { timeZone: 'Pacific/Apia', dayStartsAt: '23:45', weekStartsOn: 'MONDAY' as const, startsAt, endsAt }
  const found = instantOf('2011-12-29', { ...rules, claimPeriod: 'DAY' }, endsAt)
  t.same(found, new Date('2011-12-30T09:45:00Z'))
})

t.test('an invalid name, or the name of another kind of period, is not found', async t => {
  const [startsAt, endsAt, now] = [new Date('2026-01-01'), new Date('2027-01-01'), new Date('2026-11-25')]
  const common = { timeZone: 'UTC', dayStartsAt: '00:00', startsAt, endsAt }
  const names = [
    'EVENT', '2026-11-20', '2026-11', '2026-W47', 'W2026-11-19', '2026-11-31', '2026-13', '2026-W60', 'W2026-11-20',
    '2025-12-31', '2026-12-31', '', 'W', '-W', '2026-W', 'constructor', '2026-02-30', '2026-W3E13', '2026-W-9E9',
    '2026-W00', '2026-W99', '9999-W99', 'W9999-12-31', '-271821-04-20', '+275760-09-13', 'W+275760-09-13', '2026-1', ' '
  ]
  const found = (claimPeriod: 'EVENT' | 'DAY' | 'WEEK' | 'MONTH', weekStartsOn: 'MONDAY' | 'THURSDAY') =>
    names.filter(name => instantOf(name, { ...common, claimPeriod, weekStartsOn }, now) !== undefined)
  t.same(found('EVENT', 'MONDAY'), ['EVENT'])
  t.same(found('DAY', 'MONDAY'), ['2026-11-20'])
  t.same(found('MONTH', 'MONDAY'), ['2026-11'])
  t.same(found('WEEK', 'MONDAY'), ['2026-W47'])
  t.same(found('WEEK', 'THURSDAY'), ['W2026-11-19'])
})
