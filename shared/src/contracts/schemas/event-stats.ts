import { Type, type Static } from 'typebox'
import { Id, Instant, Int64, Nullable, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'

export const ClaimCounts = Strict({
  GRANTED: Int64('Claims that are granted.'),
  PENDING: Int64('Claims that await review.'),
  REJECTED: Int64('Claims that an operator rejected.'),
  FAILED: Int64('Claims that were refused. The user can claim again.'),
  REVOKED: Int64('Claims whose grant was revoked.')
}, { title: 'ClaimCounts', description: 'The number of claims by status.' })

const RewardCounts = Strict({
  rewardId: Id('The id of the reward.'),
  granted: Int64('How many grants were made, including revoked ones, whose units are not granted again.'),
  held: Int64('How many grants are reserved for claims that await review.'),
  remaining: Nullable(Int64(), {
    description: 'How many more grants are possible, or `null` if the stock is unlimited.'
  })
}, { title: 'RewardCounts', description: 'The stock of one reward.' })

const DayCount = Strict({
  date: ResponseString('The day of the decision in the time zone of the event.'),
  granted: Int64('How many claims were granted on that day.')
}, { title: 'DayCount', description: 'The grants of one day.' })

export const EventStats = Strict({
  eventId: Id('The id of the event.'),
  asOf: Instant('When the counts were taken, at most 5 seconds ago.'),
  claims: ClaimCounts,
  rewards: Type.Array(RewardCounts, { description: 'The stock of every reward.' }),
  days: Type.Array(DayCount, { description: 'The grants by day.' })
}, {
  title: 'EventStats',
  description: 'The statistics of an event.',
  examples: [{
    eventId: example.eventId,
    asOf: example.at,
    claims: { GRANTED: 1, PENDING: 0, REJECTED: 0, FAILED: 0, REVOKED: 0 },
    rewards: [{ rewardId: example.rewardId, granted: 1, held: 0, remaining: 999 }],
    days: [{ date: '2026-11-21', granted: 1 }]
  }]
})
export type EventStats = Static<typeof EventStats>
