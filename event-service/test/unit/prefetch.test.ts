import t from 'tap'
import type { RewardEvent } from '../../src/domain/event.ts'
import { createPrefetchPlanner } from '../../src/engine/prefetch.ts'

const settings = { claimPeriod: 'EVENT', timeZone: 'UTC', dayStartsAt: '00:00', weekStartsOn: 'MONDAY' } as const
const times = { startsAt: new Date(0), endsAt: new Date(1), activatedAt: new Date(0) }

/** Returns the properties that the planner needs, of an event without a condition. */
function event (id: string): RewardEvent {
  return { id, condition: null, ...settings, ...times } as RewardEvent
}

t.test('at most 1,000 events are remembered, then the memory is cleared', async t => {
  const planner = createPrefetchPlanner({ readOf: () => undefined })
  const expected = (): unknown => {
    const request = { eventId: 'first', userId: 'kim', role: 'USER' as const }
    return planner.plan([request], new Date(), () => true).claim
  }
  planner.remember([event('first')])
  t.strictSame(expected(), { eventId: 'first', userId: 'kim', period: 'EVENT' })
  for (let index = 1; index < 1000; index++) planner.remember([event(`other-${index}`)])
  t.ok(expected())
  planner.remember([event('one more')])
  t.equal(expected(), undefined)
})
