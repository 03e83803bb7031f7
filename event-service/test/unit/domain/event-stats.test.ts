import t from 'tap'
import { newEvent } from '../../../src/domain/event-changes.ts'
import { statsOf } from '../../../src/domain/event-stats.ts'
import { addGrants } from '../../../src/domain/grants-by-day.ts'

const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-01-01T00:00:00Z' }
const byStatus = { GRANTED: 15, PENDING: 0, REJECTED: 0, FAILED: 0, REVOKED: 0 }
const event = newEvent({ name: 'An event', ...dates }, 'Asia/Seoul', new Date('2026-01-01T00:00:00Z'))

t.test('the grants of quarter hours are summed by day in the event\'s time zone, in chronological order', async t => {
  const quarters = [
    ['2026-11-21T15:00:00Z', 4], ['2026-11-20T15:00:00Z', 2], ['2026-11-20T14:45:00Z', 1], ['2026-11-22T00:00:00Z', 8]
  ].map(([at, granted]) => ({ at: new Date(String(at)), granted: Number(granted) }))
  const days = addGrants(new Map([['2026-11-22', 0]]), quarters, event)
  t.same(statsOf(event, { byStatus, days }).days, [
    { date: '2026-11-20', granted: 1 }, { date: '2026-11-21', granted: 2 }, { date: '2026-11-22', granted: 12 }
  ])
})
