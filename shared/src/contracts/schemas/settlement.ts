import { Type, type Static } from 'typebox'
import { Id, Int32, Int64, ResponseString, Strict } from './common.ts'
import { ClaimCounts } from './event-stats.ts'
import { example } from './examples.ts'
import { RewardType } from './reward.ts'

const RewardSum = Strict({
  rewardId: Id('The id of the reward.'),
  type: RewardType,
  name: ResponseString('The name of the reward.'),
  currency: Type.Optional(ResponseString('The code of the currency, if the type is CURRENCY.')),
  itemId: Type.Optional(ResponseString('The id of the item, if the type is ITEM.')),
  units: Int32('How many times the reward was granted, excluding revoked grants.'),
  amount: Int64('The number of units multiplied by the amount of the reward.')
}, { title: 'RewardSum', description: 'The grants of one reward.' })

const EventSum = Strict({
  eventId: Id('The id of the event.'),
  name: ResponseString('The name of the event.'),
  claims: ClaimCounts,
  rewards: Type.Array(RewardSum, { description: 'The grants of each reward.' })
}, { title: 'EventSum', description: 'The grants of one event.' })

/** The grants of a time range, by event and reward. */
export const Stats = Strict({
  data: Type.Array(EventSum, { description: 'The events that have claims in the time range, oldest first.' })
}, {
  title: 'Stats',
  description: 'The grants of a time range.',
  examples: [{
    data: [{
      eventId: example.eventId,
      name: 'Welcome',
      claims: { GRANTED: 1, PENDING: 0, REJECTED: 0, FAILED: 0, REVOKED: 0 },
      rewards: [{ rewardId: example.rewardId, type: 'POINT', name: '500 points', units: 1, amount: 500 }]
    }]
  }]
})
export type Stats = Static<typeof Stats>

/** The header and one claim of an export. */
export const exampleExport = '\uFEFFclaimId,eventId,eventName,userId,period,status,code,createdAt,grantedAt,' +
  'grantedLocal,timeZone,rewardId,type,name,amount,currency,itemId,couponCode,delivery,lastBy,lastNote\r\n' +
  `${example.claimId},${example.eventId},Welcome,${example.userId},EVENT,GRANTED,,2026-11-21T03:00:00.000Z,` +
  `2026-11-21T03:00:00.000Z,2026-11-21 12:00:00,Asia/Seoul,${example.rewardId},POINT,500 points,500,,,,PENDING,` +
  `${example.userId},\r\n`
