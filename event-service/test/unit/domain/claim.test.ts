import type { Condition, NewEvent } from '@laurel/shared/contracts'
import t from 'tap'
import { isFinal, finalCode, type Claim } from '../../../src/domain/claim.ts'
import { decideClaim } from '../../../src/domain/decision.ts'
import type { CountableActivity } from '../../../src/domain/condition.ts'
import { newEvent } from '../../../src/domain/event-changes.ts'
import type { RewardEvent } from '../../../src/domain/event.ts'
import { newReward } from '../../../src/domain/reward.ts'

const startsAt = new Date('2026-11-01T00:00:00Z')
const endsAt = new Date('2026-12-01T00:00:00Z')
const claimUntil = new Date('2026-12-08T00:00:00Z')
const reward = newReward({ type: 'POINT', name: 'Points', amount: 5 })
const { stock, ...granted } = reward
const rewards = [granted]
const condition: Condition = { aggregation: 'count', activity: 'a', target: 1 }
const once: CountableActivity[] = [{ type: 'a', occurredAt: startsAt }]

function eventWith (given: Partial<NewEvent> = {}): RewardEvent {
  const dates = { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() }
  return { ...newEvent({ name: 'An event', ...dates, status: 'ACTIVE', ...given }, 'UTC', startsAt), rewards: [reward] }
}
const refusal = (event: RewardEvent, now: Date, activities: CountableActivity[] = []) =>
  decideClaim(event, { activities }, now).refusal
const justBefore = (instant: Date) => new Date(instant.getTime() - 1)

t.test('GRANTED: a decision has all rewards of the event, its period and the progress', async t => {
  t.strictSame(decideClaim(eventWith({ condition }), { activities: once }, startsAt), {
    status: 'GRANTED',
    period: 'EVENT',
    progress: { ...condition, current: 1, met: true },
    rewards
  })
  t.strictSame(
    decideClaim(eventWith(), { activities: [] }, startsAt),
    { status: 'GRANTED', period: 'EVENT', progress: null, rewards },
    'without a condition everyone is eligible'
  )
})

t.test('EVENT_NOT_STARTED before startsAt, EVENT_ENDED at and after claimUntil, to the millisecond', async t => {
  const event = eventWith({ claimUntil: claimUntil.toISOString() })
  t.equal(refusal(event, justBefore(startsAt)), 'EVENT_NOT_STARTED')
  t.equal(refusal(event, startsAt), undefined)
  t.equal(refusal(event, endsAt), undefined, 'claimUntil is later than endsAt')
  t.equal(refusal(event, justBefore(claimUntil)), undefined)
  t.equal(refusal(event, claimUntil), 'EVENT_ENDED')
})

t.test('EVENT_ENDED at and after endsAt if claimUntil is null', async t => {
  t.equal(refusal(eventWith(), justBefore(endsAt)), undefined)
  t.equal(refusal(eventWith(), endsAt), 'EVENT_ENDED')
})

t.test('FAILED: a refusal has the progress, no rewards, and the first of several codes', async t => {
  const unmet = { ...condition, current: 0, met: false }
  t.strictSame(decideClaim(eventWith({ condition }), { activities: [] }, startsAt), {
    status: 'FAILED',
    refusal: 'CONDITIONS_NOT_MET',
    period: 'EVENT',
    progress: unmet,
    rewards: []
  })
  const bare = { ...eventWith({ condition }), rewards: [] }
  t.strictSame(decideClaim(bare, { activities: once }, startsAt), {
    status: 'FAILED',
    refusal: 'NO_REWARDS',
    period: 'EVENT',
    progress: { ...condition, current: 1, met: true },
    rewards: []
  })
  t.equal(refusal(bare, startsAt), 'NO_REWARDS', 'before CONDITIONS_NOT_MET')
  t.equal(refusal(bare, endsAt), 'EVENT_ENDED', 'before NO_REWARDS')
  t.equal(refusal({ ...bare, status: 'INACTIVE' }, endsAt), 'EVENT_INACTIVE', 'before everything')
})

t.test('after a FAILED claim, the user can claim again; every other status is final', async t => {
  const claim: Claim = {
    id: 'c',
    eventId: 'e',
    userId: 'u',
    period: 'EVENT',
    status: 'FAILED',
    progress: null,
    rewards: [],
    attempts: 1,
    history: [],
    createdAt: startsAt,
    updatedAt: startsAt
  }
  t.notOk(isFinal(claim))
  for (const [status, code] of [
    ['GRANTED', 'ALREADY_CLAIMED'],
    ['PENDING', 'ALREADY_CLAIMED'],
    ['REJECTED', 'CLAIM_REJECTED'],
    ['REVOKED', 'CLAIM_REVOKED']
  ] as const) {
    const settled = { ...claim, status }
    t.ok(isFinal(settled), status)
    t.equal(finalCode(settled), code)
  }
})
