import t from 'tap'
import { weekName } from '../../../src/domain/calendar.ts'
import { decideClaim } from '../../../src/domain/decision.ts'
import { newEvent } from '../../../src/domain/event-changes.ts'
import type { RewardEvent } from '../../../src/domain/event.ts'
import { noEvidence, type Evidence } from '../../../src/domain/evidence.ts'

const point = { rewardId: 'r', type: 'POINT' as const, name: '1 point', amount: 1, attributes: {}, stock: null }

function event (given: object): RewardEvent {
  const made = newEvent(
    { name: 'x', startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z', status: 'ACTIVE', ...given },
    'UTC',
    new Date(0)
  )
  return { ...made, rewards: [point] }
}

const at = (text: string): Date => new Date(text)

function visitsAt (instants: readonly string[]): Evidence {
  return { activities: instants.map(text => ({ type: 'x', occurredAt: at(text) })) }
}

t.test('a day is the calendar date in the event\'s zone', async t => {
  const seoul = event({ claimPeriod: 'DAY', timeZone: 'Asia/Seoul' })
  t.equal(decideClaim(seoul, noEvidence, at('2026-11-20T14:59:59.999Z')).period, '2026-11-20')
  t.equal(decideClaim(seoul, noEvidence, at('2026-11-20T15:00:00.000Z')).period, '2026-11-21')
  const kathmandu = event({ claimPeriod: 'DAY', timeZone: 'Asia/Kathmandu' })
  t.equal(decideClaim(kathmandu, noEvidence, at('2026-11-20T18:14:59.999Z')).period, '2026-11-20')
  t.equal(decideClaim(kathmandu, noEvidence, at('2026-11-20T18:15:00.000Z')).period, '2026-11-21')
})

t.test('a week is the ISO week, a month the calendar month', async t => {
  t.equal(decideClaim(event({ claimPeriod: 'WEEK' }), noEvidence, at('2026-11-21T12:00:00Z')).period, '2026-W47')
  t.equal(
    decideClaim(event({ claimPeriod: 'MONTH', timeZone: 'Asia/Kolkata' }), noEvidence, at('2026-11-30T18:30:00Z'))
      .period,
    '2026-12'
  )
  for (const [date, week] of [
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
    ['2021-01-04', '2021-W01'],
    ['2024-12-30', '2025-W01'],
    ['2027-01-01', '2026-W53']
  ] as const) {
    t.equal(weekName(date, 'MONDAY'), week, date)
  }
})

t.test('between endsAt and claimUntil a claim is for the last period of the event', async t => {
  const days = event({ claimPeriod: 'DAY', endsAt: '2026-06-15T00:00:00Z', claimUntil: '2026-06-20T00:00:00Z' })
  t.match(decideClaim(days, noEvidence, at('2026-06-18T12:00:00Z')), { status: 'GRANTED', period: '2026-06-14' })
  t.match(decideClaim(days, noEvidence, at('2026-06-20T00:00:00Z')), { status: 'FAILED', refusal: 'EVENT_ENDED' })
})

t.test('a refusal before the start is for the first period', async t => {
  t.match(decideClaim(event({ claimPeriod: 'DAY' }), noEvidence, at('2025-06-01T00:00:00Z')), {
    refusal: 'EVENT_NOT_STARTED',
    period: '2026-01-01'
  })
})

t.test('only activities within the period and the event count, to the millisecond', async t => {
  const condition = { aggregation: 'count', activity: 'x', target: 1 }
  const days = event({
    claimPeriod: 'DAY',
    condition,
    startsAt: '2026-06-10T10:00:00Z',
    endsAt: '2026-06-12T10:00:00Z'
  })
  const counts = (instants: string[], now: string): unknown =>
    (
      decideClaim(days, visitsAt(instants), at(now)).progress as {
        current: number
      }
    ).current
  t.equal(
    counts(
      ['2026-06-10T09:59:59.999Z', '2026-06-10T10:00:00.000Z', '2026-06-10T23:59:59.999Z', '2026-06-11T00:00:00.000Z'],
      '2026-06-10T12:00:00Z'
    ),
    2
  )
  t.equal(counts(['2026-06-12T09:59:59.999Z', '2026-06-12T10:00:00.000Z'], '2026-06-12T09:00:00Z'), 1)
})

t.test('a day of 23 or 25 hours is one day of a streak', async t => {
  const condition = { aggregation: 'streak', activity: 'x', target: 3 }
  const newYork = event({ condition, timeZone: 'America/New_York' })
  const streak = (instants: string[]): unknown =>
    (
      decideClaim(
        newYork,
        { activities: instants.map(text => ({ type: 'x', occurredAt: at(text) })) },
        at('2026-12-01T00:00:00Z')
      ).progress as { current: number }
    ).current
  t.equal(streak(['2026-03-07T23:30:00-05:00', '2026-03-08T03:30:00-04:00', '2026-03-09T00:10:00-04:00']), 3)
  t.equal(
    streak([
      '2026-10-31T23:30:00-04:00',
      '2026-11-01T01:30:00-04:00',
      '2026-11-01T01:30:00-05:00',
      '2026-11-02T00:10:00-05:00'
    ]),
    3
  )
  t.equal(
    streak(['2026-11-01T00:10:00-04:00', '2026-11-02T23:50:00-05:00']),
    2,
    'nearly 49 hours apart, and consecutive'
  )
  t.equal(streak(['2026-05-01T23:59:00-04:00', '2026-05-03T00:01:00-04:00']), 1, '24 hours apart, and not consecutive')
})
