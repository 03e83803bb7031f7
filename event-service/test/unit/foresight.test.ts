import t from 'tap'
import type { RewardEvent } from '../../src/domain/event.ts'
import { createForesight } from '../../src/engine/foresight.ts'

const settings = { claimPeriod: 'EVENT', timeZone: 'UTC', dayStartsAt: '00:00', weekStartsOn: 'MONDAY' } as const
const times = { startsAt: new Date(0), endsAt: new Date(1), activatedAt: new Date(0) }

/** Returns the properties that the foresight needs, of an event without a condition. */
function event (id: string): RewardEvent {
  return { id, condition: null, ...settings, ...times } as RewardEvent
}

t.test('at most 1,000 events are remembered, then the memory is cleared', async t => {
  const foresight = createForesight({ readOf: () => undefined })
  const expected = (): unknown => {
    const request = { eventId: 'first', userId: 'kim', role: 'USER' as const }
    return foresight.expect([request], new Date(), () => true).claim
  }
  foresight.remember([event('first')])
  t.strictSame(expected(), { eventId: 'first', userId: 'kim', period: 'EVENT' })
  for (let index = 1; index < 1000; index++) foresight.remember([event(`other-${index}`)])
  t.ok(expected())
  foresight.remember([event('one more')])
  t.equal(expected(), undefined)
})
