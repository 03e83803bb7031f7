import { Type, type Static } from 'typebox'
import { Id, Instant, Int64, Nullable, Strict } from './common.ts'
import { example } from './examples.ts'

const TakenReward = Strict({
  rewardId: Id('The id of the reward.'),
  units: Int64('How often it would be granted: once per eligible user.'),
  amount: Int64('What these grants amount to in all.'),
  stock: Nullable(Int64(), { description: 'The stock of the reward; `null` if it has no limit.' }),
  remaining: Nullable(Int64(), {
    description: 'How many of its units are left. If they are fewer than `units`, not everyone can be granted it.'
  })
}, { title: 'TakenReward', description: 'What granting a reward to everyone eligible would take.' })

export const SimulationQuery = Strict({
  users: Type.Optional(Type.Enum(['true', 'false'], {
    description: '`true`: also returns the ids of the eligible users, as `grantRewards` takes them.'
  }))
})

/** What an event would grant now. */
export const Simulation = Strict({
  asOf: Instant('The instant that it was decided for.'),
  users: Int64('How many users did anything that the condition counts, or any activity if there is no condition.'),
  eligible: Int64('How many of them would be granted a claim now if the event were ACTIVE and the stock sufficed.'),
  alreadyClaimed: Int64('How many of them have a claim of the current period that cannot be tried again.'),
  wouldTake: Type.Array(TakenReward, { description: 'What granting all of them would take, by reward.' }),
  eligibleUsers: Type.Optional(Type.Array(Id(), {
    description: 'With `users=true`: the ids of the eligible users, in their order.'
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
