import { Type, type Static, type TProperties } from 'typebox'
import { Approval, Claim, exampleApprovedClaim, Rejection, Revocation } from './claim.ts'
import { exampleOf, Id, ResponseString, Strict } from './common.ts'
import { NullableProgress } from './evaluation.ts'
import { example } from './examples.ts'

/** Returns the schema of the outcome of one item: the claim, or the code and the detail of its refusal. */
const ItemResult = <K extends TProperties, F extends TProperties>(title: string, key: K, failure: F) => {
  const granted = Strict({
    ...key,
    ok: Type.Literal(true, { description: 'The item succeeded.' }),
    claim: Claim
  }, { title: `${title}Success`, description: 'The item succeeded. Contains the claim after the change.' })
  const refused = Strict({
    ...key,
    ok: Type.Literal(false, { description: 'The item was refused.' }),
    code: ResponseString('A stable error code.'),
    detail: ResponseString('Why the item was refused.'),
    ...failure
  }, { title: `${title}Failure`, description: 'The item was refused. Nothing was changed.' })
  return Type.Unsafe<Static<typeof granted> | Static<typeof refused>>({
    type: 'object',
    title,
    description: 'The result of one item.',
    oneOf: [granted, refused]
  })
}

const inOrder = 'One result per item, in the order of the request.'

/** The events that a user claims in one request. */
export const EventSelection = Strict({
  eventIds: Type.Array(Id('The id of an event.'), { minItems: 1, maxItems: 50, description: 'The events to claim.' })
}, {
  title: 'EventSelection',
  description: 'The events that a user claims in one request.',
  examples: [{ eventIds: [example.eventId] }]
})
export type EventSelection = Static<typeof EventSelection>

export const EventClaimResult = ItemResult(
  'EventClaimResult', { eventId: Id('The id of the event.') }, { progress: Type.Optional(NullableProgress) }
)
export type EventClaimResult = Static<typeof EventClaimResult>

export const EventClaimResults = Strict({
  results: Type.Array(EventClaimResult, { description: inOrder })
}, {
  title: 'EventClaimResults',
  description: 'The result of each event.',
  examples: [{ results: [{ eventId: example.eventId, ok: true, claim: exampleOf(Claim) }] }]
})
export type EventClaimResults = Static<typeof EventClaimResults>

const claimId = Id('The id of the claim.')
const ApproveDecision = Strict({
  claimId,
  decision: Type.Literal('APPROVE', { description: 'Grants the rewards.' }),
  ...Approval.properties
}, { title: 'ApproveDecision', description: 'The approval of one of several claims.' })
const RejectDecision = Strict({
  claimId,
  decision: Type.Literal('REJECT', { description: 'Rejects the claim.' }),
  ...Rejection.properties
}, { title: 'RejectDecision', description: 'The rejection of one of several claims.' })

// With a discriminator, validation errors name only the decision that the caller meant.
export const ClaimDecision = Type.Unsafe<Static<typeof ApproveDecision> | Static<typeof RejectDecision>>({
  type: 'object',
  title: 'ClaimDecision',
  description: 'The decision about one of several claims.',
  required: ['decision'],
  discriminator: { propertyName: 'decision' },
  oneOf: [ApproveDecision, RejectDecision]
})
export type ClaimDecision = Static<typeof ClaimDecision>

const maxClaims = { minItems: 1, maxItems: 100 }

export const ClaimDecisions = Strict({
  decisions: Type.Array(ClaimDecision, { ...maxClaims, description: 'The claims to decide.' })
}, {
  title: 'ClaimDecisions',
  description: 'Decisions about several claims.',
  examples: [{ decisions: [{ claimId: example.claimId, decision: 'APPROVE', note: 'Checked with support' }] }]
})
export type ClaimDecisions = Static<typeof ClaimDecisions>

export const ClaimRevocations = Strict({
  claimIds: Type.Array(claimId, { ...maxClaims, description: 'The claims to revoke.' }),
  ...Revocation.properties
}, {
  title: 'ClaimRevocations',
  description: 'The revocation of several grants.',
  examples: [{ claimIds: [example.claimId], reason: 'The purchase was refunded' }]
})
export type ClaimRevocations = Static<typeof ClaimRevocations>

export const ClaimResult = ItemResult('ClaimResult', { claimId }, {})
export type ClaimResult = Static<typeof ClaimResult>

export const ClaimResults = Strict({
  results: Type.Array(ClaimResult, { description: inOrder })
}, {
  title: 'ClaimResults',
  description: 'The result of each claim.',
  examples: [{ results: [{ claimId: example.claimId, ok: true, claim: exampleApprovedClaim }] }]
})
export type ClaimResults = Static<typeof ClaimResults>
