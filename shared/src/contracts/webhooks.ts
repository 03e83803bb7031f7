import { Type, type Static } from 'typebox'
import { example, Id, Instant, NoBody, Page, PageQuery, Strict } from './common.ts'
import { defineRoute } from './route.ts'

const base = { service: 'event-service', tag: 'Webhooks', access: ['ADMIN'] } as const

/** What a webhook can be told of. */
export const webhookTypes = [
  'claim.granted', 'claim.pending', 'claim.rejected', 'claim.revoked',
  'event.activated', 'event.ended', 'reward.low', 'reward.sold_out'
] as const
export const WebhookType = Type.Enum([...webhookTypes], { description: 'What happened' })
export type WebhookType = Static<typeof WebhookType>

export const NewWebhook = Strict({
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    description: 'An https URL on port 443 or 1024 and above. It must not lead to a private network.'
  }),
  types: Type.Array(WebhookType, {
    minItems: 1,
    maxItems: webhookTypes.length,
    uniqueItems: true,
    description: 'The messages to send'
  })
}, { examples: [{ url: 'https://inventory.example.com/laurel', types: ['claim.granted', 'claim.revoked'] }] })
export type NewWebhook = Static<typeof NewWebhook>

export const Webhook = Strict({
  id: Id('The webhook'),
  url: Type.String({ description: 'Where messages are sent' }),
  types: Type.Array(WebhookType, { description: 'The messages that are sent' }),
  createdAt: Instant('When it was created'),
  disabledAt: Type.Optional(Instant('When the receiver answered 410 Gone; nothing has been sent since'))
}, {
  examples: [{
    id: example.webhookId,
    url: 'https://inventory.example.com/laurel',
    types: ['claim.granted', 'claim.revoked'],
    createdAt: example.at
  }]
})
export type Webhook = Static<typeof Webhook>

/** A webhook as its creation answers it: the only time that its secret is shown. */
export const WebhookWithSecret = Strict({
  ...Webhook.properties,
  secret: Type.String({ description: 'Signs every message (Standard Webhooks, `whsec_`). It is shown once.' })
}, {
  examples: [{
    id: example.webhookId,
    url: 'https://inventory.example.com/laurel',
    types: ['claim.granted', 'claim.revoked'],
    createdAt: example.at,
    secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDs9wr3y8hLl0='
  }]
})

export const DeliveryStatus = Type.Enum(['PENDING', 'DELIVERED', 'FAILED'], { description: 'How the delivery stands' })
export type DeliveryStatus = Static<typeof DeliveryStatus>

export const Delivery = Strict({
  id: Id('The delivery'),
  type: WebhookType,
  status: DeliveryStatus,
  attempts: Type.Integer({ format: 'int32', description: 'How often it was sent' }),
  lastStatus: Type.Optional(Type.Integer({
    format: 'int32', description: 'The HTTP status of the last answer; absent if there was none'
  })),
  nextAttemptAt: Type.Optional(Instant('When it is sent next, while it is PENDING')),
  createdAt: Instant('When the message was made')
}, {
  examples: [{
    id: example.deliveryId, type: 'claim.granted', status: 'DELIVERED', attempts: 1, lastStatus: 204, createdAt: example.at
  }]
})
export type Delivery = Static<typeof Delivery>

const byId = Strict({ webhookId: Id('A webhook') })

export const createWebhook = defineRoute({
  ...base,
  operationId: 'createWebhook',
  method: 'POST',
  url: '/v1/webhooks',
  summary: 'Create a webhook',
  description: 'Messages are signed as Standard Webhooks says (https://www.standardwebhooks.com). Each is delivered at ' +
    'least once, and those of one claim in their order. A message that is not answered with 2xx is sent again for about ' +
    'a day; a receiver that answers 410 is disabled.',
  schema: { body: NewWebhook, response: { 201: WebhookWithSecret } }
})

export const listWebhooks = defineRoute({
  ...base,
  operationId: 'listWebhooks',
  method: 'GET',
  url: '/v1/webhooks',
  summary: 'List webhooks',
  description: 'Returns all webhooks, without their secrets.',
  schema: { querystring: PageQuery({}), response: { 200: Page(Webhook) } }
})

export const deleteWebhook = defineRoute({
  ...base,
  operationId: 'deleteWebhook',
  method: 'DELETE',
  url: '/v1/webhooks/:webhookId',
  summary: 'Delete a webhook',
  description: 'Nothing more is sent to it, and its deliveries are deleted.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: { params: byId, body: NoBody, response: { 204: Type.Null() } }
})

export const listDeliveries = defineRoute({
  ...base,
  operationId: 'listDeliveries',
  method: 'GET',
  url: '/v1/webhooks/:webhookId/deliveries',
  summary: 'List the deliveries of a webhook',
  description: 'A delivery is kept for 30 days.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: {
    params: byId,
    querystring: PageQuery({ status: Type.Optional(DeliveryStatus) }),
    response: { 200: Page(Delivery) }
  }
})

export const redeliver = defineRoute({
  ...base,
  operationId: 'redeliver',
  method: 'POST',
  url: '/v1/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
  summary: 'Send a delivery again',
  description: 'The same message with the same id is sent again at once, whatever became of it before.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'] },
  schema: {
    params: Strict({ webhookId: Id('A webhook'), deliveryId: Id('One of its deliveries') }),
    body: NoBody,
    response: { 200: Delivery }
  }
})
