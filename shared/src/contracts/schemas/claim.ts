import { Type, type Static } from 'typebox'
import { Answer, Id, Instant, Int32, Nullable, Strict, Text } from './common.ts'
import { NullableProgress, Period } from './evaluation.ts'
import { example } from './examples.ts'
import { exampleProgress } from './progress.ts'
import { grantedProperties } from './reward.ts'

export const ClaimStatus = Type.Enum(['GRANTED', 'PENDING', 'REJECTED', 'FAILED', 'REVOKED'], {
  description: '`GRANTED`: the rewards are in the wallet. `PENDING`: the claim awaits review. ' +
    '`REJECTED`: an operator rejected it. `FAILED`: it was refused and may be tried again. ' +
    '`REVOKED`: the grant was taken back.'
})
export type ClaimStatus = Static<typeof ClaimStatus>

export const GrantedReward = Strict({
  rewardId: Id('The id of the reward.'),
  ...grantedProperties,
  couponCode: Type.Optional(Answer('The coupon code, if the type is COUPON. AUDITORs do not see it.'))
})
export type GrantedReward = Static<typeof GrantedReward>

export const HistoryEntry = Strict({
  at: Instant('When the status changed.'),
  by: Type.Optional(Id('The id of the user or machine client that caused the change. Users do not see it.')),
  role: Answer('The role of the caller.'),
  from: Nullable(ClaimStatus, { description: 'The status before, or `null` for the first entry.' }),
  to: ClaimStatus,
  code: Type.Optional(Answer('The code of the refusal.')),
  note: Type.Optional(Answer('The note or reason that an operator gave.')),
  requestId: Answer('The id of the request.')
})
export type HistoryEntry = Static<typeof HistoryEntry>

export const Delivery = Strict({
  status: Type.Enum(['PENDING', 'DELIVERED', 'FAILED'], { description: 'Whether the rewards have been delivered.' }),
  at: Nullable(Instant('An instant.'), { description: 'When the delivery was reported, or `null`.' }),
  reference: Type.Optional(Answer('The reference that the deliverer gave.'))
}, { description: 'The delivery of the rewards by the game or the shop.' })
export type Delivery = Static<typeof Delivery>

/** One user's claim to the rewards of an event in one period. */
export const Claim = Strict({
  id: Id('The id of the claim.'),
  eventId: Id('The id of the event.'),
  userId: Id('The id of the user.'),
  period: Period,
  status: ClaimStatus,
  code: Type.Optional(Answer('Why the last attempt was refused.')),
  progress: NullableProgress,
  rewards: Type.Array(GrantedReward, { description: 'What the claim grants.' }),
  attempts: Int32('How many times the user has claimed in this period.'),
  delivery: Delivery,
  history: Type.Array(HistoryEntry, { description: 'Every change of the status, the oldest first.' }),
  createdAt: Instant('When the claim was first made.'),
  updatedAt: Instant('When the claim was last changed.')
}, {
  examples: [{
    id: example.claimId,
    eventId: example.eventId,
    userId: example.userId,
    period: 'EVENT',
    status: 'GRANTED',
    progress: exampleProgress,
    rewards: [{ rewardId: example.rewardId, type: 'POINT', name: '500 points', amount: 500, attributes: {} }],
    attempts: 1,
    delivery: { status: 'PENDING', at: null },
    history: [{ at: example.at, role: 'USER', from: null, to: 'GRANTED', requestId: example.requestId }],
    createdAt: example.at,
    updatedAt: example.at
  }]
})
export type Claim = Static<typeof Claim>

/** The approval of a claim. */
export const Approval = Strict({
  note: Type.Optional(Text(1000, { description: 'A note for other operators. The user does not see it.' }))
}, { examples: [{ note: 'Checked with support' }] })
export type Approval = Static<typeof Approval>

/** The rejection of a claim. */
export const Rejection = Strict({
  reason: Text(1000, { description: 'The reason. The user sees it.' })
}, { examples: [{ reason: 'The quest was cleared with a bot' }] })
export type Rejection = Static<typeof Rejection>
