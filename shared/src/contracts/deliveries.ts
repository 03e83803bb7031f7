import { claimParams } from './params.ts'
import { defineRoute } from './route.ts'
import { Claim, DeliveryReport, exampleDeliveredClaim } from './schemas/claim.ts'

const base = { service: 'event-service', tag: 'Claims' } as const

export const acknowledgeDelivery = defineRoute({
  ...base,
  operationId: 'acknowledgeDelivery',
  method: 'POST',
  url: '/v1/claims/:claimId/delivery',
  access: ['SERVICE', 'ADMIN'],
  repeatable: true,
  summary: 'Report the delivery of a claim',
  description: 'The game or the shop reports whether the rewards have arrived, even if the grant was revoked. The ' +
    'last report counts.',
  refusals: { 404: ['CLAIM_NOT_FOUND'], 409: ['NOT_GRANTED'] },
  examples: { 200: exampleDeliveredClaim },
  schema: { params: claimParams, body: DeliveryReport, response: { 200: Claim } }
})
