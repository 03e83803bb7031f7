import { auditOf, type Actor } from '@laurel/shared/audit'
import { webhooks as contract, type WebhookDelivery as PublicDelivery, type Webhook as PublicWebhook } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { newId } from '@laurel/shared/id'
import { actorOf } from '@laurel/shared/tokens'
import { deliveryNotFound, newSecret, type Delivery, type Webhook } from '../domain/webhook.ts'
import type { Audit } from '../domain/audit.ts'
import type { DeliveryStore } from '../stores/deliveries.ts'
import type { WebhookStore } from '../stores/webhooks.ts'
import { checkWebhookUrl, type Allowed } from '../webhooks/address.ts'

export interface WebhookRoutesOptions {
  readonly webhooks: WebhookStore
  readonly deliveries: DeliveryStore
  readonly allowed: Allowed
  /** Sends what is due at once. */
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

function serializeDelivery ({ id, type, status, attempts, lastStatus, nextAttemptAt, createdAt }: Delivery): PublicDelivery {
  return {
    id,
    type,
    status,
    attempts,
    ...(lastStatus === undefined ? {} : { lastStatus }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: nextAttemptAt.toISOString() }),
    createdAt: createdAt.toISOString()
  }
}

/** The audit row of a change. Of the URL it keeps the origin only: a path may hold a secret of the receiver. */
function auditOfWebhook (actor: Actor, action: 'createWebhook' | 'deleteWebhook', { id, url, types }: Webhook, at: Date): Audit {
  const fields = { url: new URL(url).origin, types }
  return auditOf(actor, {
    at, action, targetType: 'WEBHOOK', targetId: id, ...(action === 'createWebhook' ? { after: fields } : { before: fields })
  })
}

export async function webhookRoutes (
  app: Server, { webhooks, deliveries, allowed, wake }: WebhookRoutesOptions
): Promise<void> {
  app.route({
    ...contract.createWebhook,
    async handler (request, reply) {
      const { url, types } = request.body
      const at = new Date()
      const webhook = { id: newId(), url: checkWebhookUrl(url, allowed).href, types, secret: newSecret(), createdAt: at }
      await webhooks.insert(webhook, auditOfWebhook(actorOf(request), 'createWebhook', webhook, at))
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
      await deliveries.removeAll(webhook.id)
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.listDeliveries,
    async handler (request) {
      const { status, ...page } = request.query
      const { id } = await webhooks.get(request.params.webhookId)
      const { data, nextCursor } = await deliveries.list(id, status, page)
      return { data: data.map(serializeDelivery), nextCursor }
    }
  })

  app.route({
    ...contract.redeliver,
    async handler (request) {
      const { id } = await webhooks.get(request.params.webhookId)
      const delivery = await deliveries.restart(request.params.deliveryId, id, new Date())
      if (delivery === null) throw deliveryNotFound()
      wake()
      return serializeDelivery(delivery)
    }
  })
}
