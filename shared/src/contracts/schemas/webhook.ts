import { Type, type Static } from 'typebox'
import { Id, Instant, Int32, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'

const webhookTypes = [
  'claim.granted', 'claim.pending', 'claim.rejected', 'claim.revoked',
  'event.activated', 'event.ended', 'reward.low', 'reward.sold_out'
] as const

export const WebhookType = Type.Enum([...webhookTypes], {
  title: 'WebhookType',
  description: 'What happened. `reward.low`: 10% of the stock or less is left.'
})
export type WebhookType = Static<typeof WebhookType>

const types = Type.Array(WebhookType, {
  minItems: 1, maxItems: webhookTypes.length, uniqueItems: true, description: 'The types of messages to send.'
})

const exampleUrl = 'https://inventory.example.com/laurel'

export const NewWebhook = Strict({
  url: Type.String({
    minLength: 1,
    maxLength: 2048,
    description: 'The URL to which messages are sent: https, port 443 or 1024 and above, on the public internet.'
  }),
  types
}, {
  title: 'NewWebhook',
  description: 'A new webhook.',
  examples: [{ url: exampleUrl, types: ['claim.granted', 'claim.revoked'] }]
})
export type NewWebhook = Static<typeof NewWebhook>

const exampleWebhook = {
  id: example.webhookId, url: exampleUrl, types: ['claim.granted', 'claim.revoked'], createdAt: example.at
}

/** A webhook without its secret. */
export const Webhook = Strict({
  id: Id('The id of the webhook.'),
  url: ResponseString('The URL to which messages are sent.'),
  types: Type.Array(WebhookType, { description: 'The types of messages that are sent.' }),
  createdAt: Instant('When it was created.'),
  disabledAt: Type.Optional(Instant('When the receiver responded with 410 Gone. Nothing is sent to it any longer.'))
}, { title: 'Webhook', description: 'A webhook without its secret.', examples: [exampleWebhook] })
export type Webhook = Static<typeof Webhook>

/** A new webhook with its secret. */
export const WebhookWithSecret = Strict({
  ...Webhook.properties,
  secret: ResponseString('The key that signs its messages (Standard Webhooks). Only this response contains it.')
}, {
  title: 'WebhookWithSecret',
  description: 'A new webhook with its secret.',
  examples: [{ ...exampleWebhook, secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDs9wr3y8hLl0=' }]
})

export const WebhookDeliveryStatus = Type.Enum(['PENDING', 'DELIVERED', 'FAILED'], {
  title: 'WebhookDeliveryStatus',
  description: 'Whether the receiver has accepted the message. `FAILED`: it is not retried.'
})
export type WebhookDeliveryStatus = Static<typeof WebhookDeliveryStatus>

const exampleDelivery = {
  id: example.deliveryId,
  messageId: example.messageId,
  type: 'claim.granted',
  status: 'DELIVERED',
  attempts: 1,
  lastStatus: 200,
  createdAt: example.at
}

/** The example delivery as it is sent again. */
export const exampleRedelivery = { ...exampleDelivery, status: 'PENDING', nextAttemptAt: example.at }

/** The delivery of a message to one webhook. */
export const WebhookDelivery = Strict({
  id: Id('The id of the delivery.'),
  messageId: Id('The id of the message: the header `webhook-id`. It stays the same when the message is sent again.'),
  type: WebhookType,
  status: WebhookDeliveryStatus,
  attempts: Int32('The number of attempts so far.'),
  lastStatus: Type.Optional(Int32('The HTTP status of the last response. It is absent if there was no response.')),
  nextAttemptAt: Type.Optional(Instant('The time of the next attempt, while the status is `PENDING`.')),
  createdAt: Instant('When the message was created.')
}, {
  title: 'WebhookDelivery',
  description: 'The delivery of a message to one webhook.',
  examples: [exampleDelivery]
})
export type WebhookDelivery = Static<typeof WebhookDelivery>
