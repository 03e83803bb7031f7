import { Type } from 'typebox'
import { defineRoute } from './route.ts'
import { EmptyBody, Id, Strict } from './schemas/common.ts'
import { Page, PageQuery } from './schemas/pages.ts'
import {
  exampleRedelivery, NewWebhook, Webhook, WebhookDelivery, WebhookDeliveryStatus, WebhookWithSecret
} from './schemas/webhook.ts'

const base = { service: 'event-service', tag: 'Webhooks', access: ['ADMIN'] } as const

const webhookParams = Strict({ webhookId: Id('The id of a webhook.') })

export const createWebhook = defineRoute({
  ...base,
  operationId: 'createWebhook',
  method: 'POST',
  url: '/v1/webhooks',
  summary: 'Create a webhook',
  description: 'Messages are signed as Standard Webhooks specifies (https://www.standardwebhooks.com). ' +
    'Each message is delivered at least once, and the messages about one claim are delivered in order. ' +
    'If the receiver does not respond with 2xx, the message is retried for about a day. ' +
    'If the receiver responds with 410, no more messages are sent to it.',
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
  description: 'Deletes a webhook and its deliveries. No more messages are sent to it.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: { params: webhookParams, body: EmptyBody, response: { 204: Type.Null() } }
})

export const listDeliveries = defineRoute({
  ...base,
  operationId: 'listDeliveries',
  method: 'GET',
  url: '/v1/webhooks/:webhookId/deliveries',
  summary: 'List the deliveries of a webhook',
  description:
    'Returns the deliveries of the last 30 days: the status of each message, and the HTTP status of its last attempt.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND'] },
  schema: {
    params: webhookParams,
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
  description: 'Sends the same message again immediately, with the same id, regardless of its status. ' +
    'If it fails, it is retried like a new message.',
  refusals: { 404: ['WEBHOOK_NOT_FOUND', 'DELIVERY_NOT_FOUND'], 409: ['WEBHOOK_DISABLED'] },
  examples: { 200: exampleRedelivery },
  schema: {
    params: Strict({ webhookId: Id('The id of a webhook.'), deliveryId: Id('The id of one of its deliveries.') }),
    body: EmptyBody,
    response: { 200: WebhookDelivery }
  }
})
