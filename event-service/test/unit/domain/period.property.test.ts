import fc from 'fast-check'
import t from 'tap'
import { belongsTo, periodAt } from '../../../src/domain/period.ts'
import { slowPeriod } from './support/slow.ts'

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

t.test('a period has the name that a calendar in the zone gives it', async t => {
  fc.assert(fc.property(event, instant, (event, now) => {
    const clamped =
      now < event.startsAt ? event.startsAt : now >= event.endsAt ? new Date(event.endsAt.getTime() - 1) : now
    return periodAt(event, now).name === slowPeriod(event.claimPeriod, clamped, event.timeZone)
  }), { numRuns: 500 })
  t.pass()
})

t.test('an instant belongs to a period if the calendar says so, and then lies in its range', async t => {
  fc.assert(fc.property(event, instant, instant, (event, now, other) => {
    const period = periodAt(event, now)
    const belongs = belongsTo(period, other, event)
    const expected =
      other >= event.startsAt &&
      other < event.endsAt &&
      slowPeriod(event.claimPeriod, other, event.timeZone) === period.name
    return belongs === expected && (!belongs || (other >= period.from && other < period.to))
  }), { numRuns: 500 })
  t.pass()
})
