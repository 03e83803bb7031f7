import {
  webhooks as contract, type Webhook as PublicWebhook, type WebhookDelivery as PublicDelivery
} from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { newId } from '@laurel/shared/id'
import { actorOf } from '@laurel/shared/tokens'
import { auditOfRedelivery, auditOfWebhook } from '../domain/webhook-audit.ts'
import { checkEnabled, deliveryNotFound, newSecret, type Delivery, type Webhook } from '../domain/webhook.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { WebhookStore } from '../stores/webhooks.ts'
import { checkWebhookUrl, type Allowed } from '../webhooks/address.ts'

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  readonly allowed: Allowed
  /** Starts a round immediately. */
  readonly wake: () => void
}

function serializeWebhook ({ id, url, types, createdAt, disabledAt }: Webhook): PublicWebhook {
  return {
    id,
    url,
    types: [...types],
    createdAt: createdAt.toISOString(),
    ...(disabledAt === undefined ? {} : { disabledAt: disabledAt.toISOString() })
  }
}

function serializeWebhookDelivery (delivery: Delivery): PublicDelivery {
  const { id, messageId, type, status, attempts, lastStatus, nextAttemptAt, createdAt } = delivery
  return {
    id,
    messageId,
    type,
    status,
    attempts,
    ...(lastStatus === undefined ? {} : { lastStatus }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: nextAttemptAt.toISOString() }),
    createdAt: createdAt.toISOString()
  }
}

export async function webhookRoutes (
  app: Server, { webhooks, deliveries, allowed, wake }: WebhookRoutesOptions
): Promise<void> {
  app.route({
    ...contract.createWebhook,
    async handler (request, reply) {
      const { url, types } = request.body
      const createdAt = new Date()
      const { href } = checkWebhookUrl(url, allowed)
      const webhook = { id: newId(), url: href, types, secret: newSecret(), createdAt }
      await webhooks.insert(webhook, auditOfWebhook(actorOf(request), 'createWebhook', webhook, createdAt))
      wake()
      return await reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...serializeWebhook(webhook), secret: webhook.secret })
    }
  })

  app.route({
    ...contract.listWebhooks,
    async handler (request) {
      const { data, nextCursor } = await webhooks.list(request.query)
      return { data: data.map(serializeWebhook), nextCursor }
    }
  })

  app.route({
    ...contract.deleteWebhook,
    async handler (request, reply) {
      const webhook = await webhooks.get(request.params.webhookId)
      await webhooks.remove(webhook.id, auditOfWebhook(actorOf(request), 'deleteWebhook', webhook, new Date()))
      // Without their webhook, deliveries are no longer sent. Those that cannot be deleted now will expire.
      await deliveries.removeAll(webhook.id).catch((error: unknown) => {
        request.log.warn({ err: error }, 'the deliveries of a webhook were not deleted; they expire after 30 days')
      })
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.listDeliveries,
    async handler (request) {
      const { status, ...page } = request.query
      const { id } = await webhooks.get(request.params.webhookId)
      const { data, nextCursor } = await deliveries.list(id, status, page)
      return { data: data.map(serializeWebhookDelivery), nextCursor }
    }
  })

  app.route({
    ...contract.redeliver,
    async handler (request) {
      const { webhookId, deliveryId } = request.params
      checkEnabled(await webhooks.get(webhookId))
      const now = new Date()
      const audit = auditOfRedelivery(actorOf(request), webhookId, deliveryId, now)
      const delivery = await deliveries.restart(deliveryId, webhookId, now, audit)
      if (delivery === null) throw deliveryNotFound()
      wake()
      return serializeWebhookDelivery(delivery)
    }
  })
}
