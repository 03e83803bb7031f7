import { Type } from 'typebox'
import { defineRoute } from './route.ts'
import { EmptyBody, Id, Strict } from './schemas/common.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import {
  exampleRedelivery, NewWebhook, Webhook, WebhookDelivery, WebhookDeliveryStatus, WebhookWithSecret
} from './schemas/webhook.ts'

const base = { service: 'event-service', tag: 'Webhooks', access: ['ADMIN'] } as const

const byId = Strict({ webhookId: Id('The id of a webhook.') })

export const createWebhook = defineRoute({
  ...base,
  operationId: 'createWebhook',
  method: 'POST',
  url: '/v1/webhooks',
  summary: 'Create a webhook',
  description: 'Messages are signed as Standard Webhooks specifies (https://www.standardwebhooks.com). ' +
    'Each message is delivered at least once, and the messages about one claim are delivered in order. ' +
    'A message that is not answered with 2xx is sent again for about a day. ' +
    'A receiver that answers 410 gets no more messages.',
  schema: { body: NewWebhook, response: { 201: WebhookWithSecret } }
})

export const listWebhooks = defineRoute({
  ...base,
  operationId: 'listWebhooks',
  method: 'GET',
  url: '/v1/webhooks',
  summary: 'List webhooks',
  description: 'Returns all webhooks without their secrets.',
  schema: { querystring: PageQuery({}), response: { 200: Page(Webhook) } }
})

export const deleteWebhook = defineRoute({
  ...base,
  operationId: 'deleteWebhook',
  method: 'DELETE',
  url: '/v1/webhooks/:webhookId',
  summary: 'Delete a webhook',
  description: 'Deletes a webhook and its deliveries. Nothing more is sent to it.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: { params: byId, body: EmptyBody, response: { 204: Type.Null() } }
})

export const listDeliveries = defineRoute({
  ...base,
  operationId: 'listDeliveries',
  method: 'GET',
  url: '/v1/webhooks/:webhookId/deliveries',
  summary: 'List the deliveries of a webhook',
  description:
    'Returns the deliveries of the last 30 days: the state of each message, and the HTTP status of its last attempt.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: {
    params: byId,
    querystring: PageQuery({ status: Type.Optional(WebhookDeliveryStatus) }),
    response: { 200: Page(WebhookDelivery) }
  }
})

export const redeliver = defineRoute({
  ...base,
  operationId: 'redeliver',
  method: 'POST',
  url: '/v1/webhooks/:webhookId/deliveries/:deliveryId/redeliver',
  summary: 'Send a delivery again',
  description: 'Sends the same message with the same id again at once, whatever its status is. ' +
    'If it fails, it is retried like a new message.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'], 409: ['WEBHOOK_DISABLED'] },
  examples: { 200: exampleRedelivery },
  schema: {
    params: Strict({ webhookId: Id('The id of a webhook.'), deliveryId: Id('The id of one of its deliveries.') }),
    body: EmptyBody,
    response: { 200: WebhookDelivery }
  }
})
