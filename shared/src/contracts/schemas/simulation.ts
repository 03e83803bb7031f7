import { Type, type Static } from 'typebox'
import { Id, Instant, Int64, Nullable, Strict } from './common.ts'
import { example } from './examples.ts'

const TakenReward = Strict({
  rewardId: Id('The id of the reward.'),
  units: Int64('How many times the reward would be granted: once per eligible user.'),
  amount: Int64('The number of units multiplied by the amount of the reward.'),
  stock: Nullable(Int64(), { description: 'The stock of the reward, or `null` if it is unlimited.' }),
  remaining: Nullable(Int64(), {
    description: 'How many units are left, or `null` if the stock is unlimited. ' +
      'If this is less than `units`, the stock is not sufficient for all eligible users.'
  })
}, { title: 'TakenReward', description: 'The units of one reward that all eligible users would receive.' })

export const SimulationQuery = Strict({
  users: Type.Optional(Type.Enum(['true', 'false'], {
    description: '`true`: also returns the ids of the eligible users, which you can pass to `grantRewards`.'
  }))
})

/** What an event would grant now. */
export const Simulation = Strict({
  asOf: Instant('The time of the simulation.'),
  users: Int64('How many users have an activity that the condition counts, or any activity if there is no condition.'),
  eligible: Int64('How many of these users could claim now if the event were ACTIVE and the stock were sufficient.'),
  alreadyClaimed: Int64('How many of these users already have a final claim in the current period.'),
  wouldTake: Type.Array(TakenReward, { description: 'The units that all eligible users would receive, by reward.' }),
  eligibleUsers: Type.Optional(Type.Array(Id(), {
    description: 'Only with `users=true`: the ids of the eligible users, sorted.'
  }))
}, {
  title: 'Simulation',
  description: 'What an event would grant now.',
  examples: [{
    asOf: example.at,
    users: 2,
    eligible: 2,
    alreadyClaimed: 0,
    wouldTake: [{ rewardId: example.rewardId, units: 2, amount: 1000, stock: 1000, remaining: 1000 }]
  }]
})
export type Simulation = Static<typeof Simulation>
