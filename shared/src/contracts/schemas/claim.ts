import { Type, type Static } from 'typebox'
import { Id, Instant, Int32, Nullable, ResponseString, Strict, Text } from './common.ts'
import { NullableProgress, Period } from './evaluation.ts'
import { example } from './examples.ts'
import { exampleProgress } from './progress.ts'
import { Refusal } from './refusal.ts'
import { grantedProperties } from './reward.ts'

export const ClaimStatus = Type.Enum(['GRANTED', 'PENDING', 'REJECTED', 'FAILED', 'REVOKED'], {
  title: 'ClaimStatus',
  description: '`GRANTED`: the rewards are in the wallet. `PENDING`: the claim awaits review. ' +
    '`REJECTED`: an operator rejected it. `FAILED`: it was refused, and the user can claim again. ' +
    '`REVOKED`: the grant was revoked.'
})
export type ClaimStatus = Static<typeof ClaimStatus>

export const GrantedReward = Strict({
  rewardId: Id('The id of the reward.'),
  ...grantedProperties,
  couponCode: Type.Optional(ResponseString('The coupon code, if the type is COUPON. AUDITORs do not see it.'))
}, { title: 'GrantedReward', description: 'A reward that a claim grants.' })
export type GrantedReward = Static<typeof GrantedReward>

export const HistoryEntry = Strict({
  at: Instant('When the status changed.'),
  by: Type.Optional(Id('The id of the user or machine client that caused the change. Users do not see it.')),
  role: ResponseString('The role of the caller.'),
  from: Nullable(ClaimStatus, { description: 'The status before the change, or `null` for the first entry.' }),
  to: ClaimStatus,
  code: Type.Optional(Type.Unsafe<string>(Refusal)),
  note: Type.Optional(ResponseString(
    'The note or reason that an operator gave. Users see the reasons of rejections and revocations only.'
  )),
  requestId: ResponseString('The id of the request.')
}, { title: 'HistoryEntry', description: 'One change of the status of a claim.' })
export type HistoryEntry = Static<typeof HistoryEntry>

export const DeliveryStatus = Type.Enum(['PENDING', 'DELIVERED', 'FAILED'], {
  title: 'DeliveryStatus',
  description: 'Whether the rewards have been delivered. `PENDING`: no delivery has been reported yet.'
})
export type DeliveryStatus = Static<typeof DeliveryStatus>

export const Delivery = Strict({
  status: DeliveryStatus,
  at: Nullable(Instant('A time.'), { description: 'When the delivery was reported, or `null`.' }),
  reference: Type.Optional(ResponseString('The reference that the game or the shop gave.'))
}, { title: 'Delivery', description: 'The delivery of the rewards by the game or the shop.' })
export type Delivery = Static<typeof Delivery>

/** The example claim as its user sees it. */
export const exampleClaim = {
  id: example.claimId,
  eventId: example.eventId,
  userId: example.userId,
  period: 'EVENT',
  status: 'GRANTED',
  progress: exampleProgress,
  rewards: [{ rewardId: example.rewardId, type: 'POINT', name: '500 points', amount: 500, attributes: {} }],
  attempts: 1,
  grantedAt: example.at,
  delivery: { status: 'PENDING', at: null },
  history: [{ at: example.at, role: 'USER', from: null, to: 'GRANTED', requestId: example.requestId }],
  createdAt: example.at,
  updatedAt: example.at
}

/** One user's claim to the rewards of an event in one period. */
export const Claim = Strict({
  id: Id('The id of the claim.'),
  eventId: Id('The id of the event.'),
  userId: Id('The id of the user.'),
  period: Period,
  status: ClaimStatus,
  code: Type.Optional(Type.Unsafe<string>(Refusal)),
  progress: NullableProgress,
  rewards: Type.Array(GrantedReward, { description: 'What the claim grants.' }),
  attempts: Int32('How many times the user has claimed in this period.'),
  grantedAt: Type.Optional(Instant('When the claim was granted. A revocation does not remove it.')),
  delivery: Delivery,
  history: Type.Array(HistoryEntry, { description: 'Every change of the status, oldest first.' }),
  createdAt: Instant('When the claim was first made.'),
  updatedAt: Instant('When the claim was last changed.')
}, {
  title: 'Claim',
  description: 'The claim of one user to the rewards of an event in one period.',
  examples: [exampleClaim]
})
export type Claim = Static<typeof Claim>

/** The approval of a claim. */
export const Approval = Strict({
  note: Type.Optional(Text(1000, { description: 'A note for other operators. The user does not see it.' }))
}, { title: 'Approval', description: 'The approval of a claim.', examples: [{ note: 'Checked with support' }] })
export type Approval = Static<typeof Approval>

/** The rejection of a claim. */
export const Rejection = Strict({
  reason: Text(1000, { description: 'The reason. The user sees it.' })
}, {
  title: 'Rejection',
  description: 'The rejection of a claim.',
  examples: [{ reason: 'The quest was cleared with a bot' }]
})
export type Rejection = Static<typeof Rejection>

/** The revocation of a grant. */
export const Revocation = Strict({
  reason: Text(1000, { description: 'The reason. The user sees it.' })
}, {
  title: 'Revocation',
  description: 'The revocation of a grant.',
  examples: [{ reason: 'The purchase was refunded' }]
})
export type Revocation = Static<typeof Revocation>

/** The report of a delivery by the game or the shop. */
export const DeliveryReport = Strict({
  status: Type.Enum(['DELIVERED', 'FAILED'], { description: 'Whether the rewards have arrived.' }),
  reference: Type.Optional(Text(200, { description: 'Your own reference, such as a shipment number.' }))
}, {
  title: 'DeliveryReport',
  description: 'The report of a delivery.',
  examples: [{ status: 'DELIVERED', reference: 'shipment-4711' }]
})
export type DeliveryReport = Static<typeof DeliveryReport>

const { at, operatorId, requestId, userId } = example
const request = { at, by: userId, role: 'USER', from: null, requestId }
const decision = { at, by: operatorId, role: 'ADMIN', from: 'PENDING', requestId }

/** The example claim as a machine client sees it after its delivery. */
export const exampleDeliveredClaim = {
  ...exampleClaim, delivery: { status: 'DELIVERED', at, reference: 'shipment-4711' }
}

/** The example claim as operators see it: granted automatically or manually, and revoked. */
export const exampleClaimForOperators = { ...exampleClaim, history: [{ ...request, to: 'GRANTED' }] }
export const exampleManualClaim = {
  ...exampleClaim,
  history: [{ ...decision, from: null, to: 'GRANTED', note: 'The server was down on Saturday' }]
}
export const exampleRevokedClaim = {
  ...exampleClaim,
  status: 'REVOKED',
  history: [
    { ...request, to: 'GRANTED' },
    { ...decision, from: 'GRANTED', to: 'REVOKED', note: 'The purchase was refunded' }
  ]
}

/** The example claim after a review. */
export const exampleApprovedClaim = {
  ...exampleClaim,
  history: [{ ...request, to: 'PENDING' }, { ...decision, to: 'GRANTED', note: 'Checked with support' }]
}
const { grantedAt, ...exampleWithoutGrant } = exampleClaim
export const exampleRejectedClaim = {
  ...exampleWithoutGrant,
  status: 'REJECTED',
  history: [{ ...request, to: 'PENDING' }, { ...decision, to: 'REJECTED', note: 'The quest was cleared with a bot' }]
}
