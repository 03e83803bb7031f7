import { Type } from 'typebox'
import { userRoles } from './roles.ts'
import { eventParams } from './params.ts'
import { defineRoute } from './route.ts'
import { EmptyBody, exampleOf, Id, Strict } from './schemas/common.ts'
import { CouponCodes, CouponCodesAdded, CouponCodesCsv } from './schemas/coupon-codes.ts'
import { IdempotencyKey } from './schemas/headers.ts'
import { NewReward } from './schemas/new-reward.ts'
import { exampleNewReward, Reward, RewardList, RewardPatch } from './schemas/reward.ts'

const base = { service: 'event-service', tag: 'Rewards' } as const
const operators = ['OPERATOR', 'ADMIN'] as const

const rewardParams = Strict({ eventId: Id('The id of the event.'), rewardId: Id('The id of the reward.') })

export const addReward = defineRoute({
  ...base,
  operationId: 'addReward',
  method: 'POST',
  url: '/v1/events/:eventId/rewards',
  access: operators,
  summary: 'Add a reward to an event',
  description: 'Rewards can be added until the event becomes ACTIVE for the first time. ' +
    'A claim grants all rewards of its event. ' +
    'The attributes of a reward can be up to 4 KiB of JSON, and up to 16 KiB for all rewards of an event together.',
  refusals: {
    404: ['EVENT_NOT_FOUND'],
    409: ['EVENT_FROZEN', 'TOO_MANY_REWARDS'],
    422: ['IDEMPOTENCY_KEY_REUSED']
  },
  examples: { 201: exampleNewReward },
  schema: { params: eventParams, headers: IdempotencyKey, body: NewReward, response: { 201: Reward } }
})

export const listRewards = defineRoute({
  ...base,
  operationId: 'listRewards',
  method: 'GET',
  url: '/v1/events/:eventId/rewards',
  access: userRoles,
  summary: 'List the rewards of an event',
  description: 'Returns all rewards of the event, with their stock, in one response. ' +
    'A USER gets 404 for an event that is not ACTIVE.',
  refusals: { 404: ['EVENT_NOT_FOUND'] },
  schema: { params: eventParams, response: { 200: RewardList } }
})

export const getReward = defineRoute({
  ...base,
  operationId: 'getReward',
  method: 'GET',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: userRoles,
  summary: 'Get a reward',
  description: 'Returns one reward of the event with its stock. A USER gets 404 for an event that is not ACTIVE.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'] },
  schema: { params: rewardParams, response: { 200: Reward } }
})

export const updateReward = defineRoute({
  ...base,
  operationId: 'updateReward',
  method: 'PATCH',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: operators,
  summary: 'Change the name or stock of a reward',
  description: 'Once the event has been ACTIVE, the stock can only be raised, and unlimited stock stays unlimited. ' +
    'The stock of a COUPON cannot be set: it is the size of its pool of codes.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'], 409: ['EVENT_FROZEN'] },
  examples: { 200: { ...exampleOf(Reward) as object, stock: 2000, remaining: 1999 } },
  schema: { params: rewardParams, body: RewardPatch, response: { 200: Reward } }
})

export const deleteReward = defineRoute({
  ...base,
  operationId: 'deleteReward',
  method: 'DELETE',
  url: '/v1/events/:eventId/rewards/:rewardId',
  access: operators,
  summary: 'Delete a reward',
  description: 'Deletes a reward and its coupon codes. Rewards can be deleted until the event becomes ACTIVE for the ' +
    'first time.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'], 409: ['EVENT_FROZEN'] },
  schema: { params: rewardParams, body: EmptyBody, response: { 204: Type.Null() } }
})

export const addCouponCodes = defineRoute({
  ...base,
  operationId: 'addCouponCodes',
  method: 'POST',
  url: '/v1/events/:eventId/rewards/:rewardId/codes',
  access: operators,
  summary: 'Add coupon codes to a reward',
  description: 'Accepts JSON, or `text/csv` with one code per line. ' +
    'Codes that already exist, or occur twice in the request, are counted as duplicates and change nothing. ' +
    'The stock of the reward grows by the number of new codes. Codes can be added while the event is ACTIVE.',
  refusals: { 404: ['EVENT_NOT_FOUND', 'REWARD_NOT_FOUND'], 409: ['NOT_A_COUPON'] },
  bodyLimit: 2 * 1024 * 1024,
  csv: { schema: CouponCodesCsv, example: 'WELCOME-7F3K\nWELCOME-9Q2M\n' },
  schema: { params: rewardParams, body: CouponCodes, response: { 200: CouponCodesAdded } }
})
