import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import type { Audit } from './audit.ts'
import type { Webhook } from './webhook.ts'

/** The audit contains only the origin of the URL, because the path may contain a secret of the receiver. */
export function auditOfWebhook (
  actor: Actor, action: 'createWebhook' | 'deleteWebhook', { id, url, types }: Webhook, at: Date
): Audit {
  const fields = { url: new URL(url).origin, types }
  return createAuditRecord(actor, {
    at,
    action,
    targetType: 'WEBHOOK',
    targetId: id,
    ...(action === 'createWebhook' ? { after: fields } : { before: fields })
  })
}

export function auditOfRedelivery (actor: Actor, webhookId: string, deliveryId: string, at: Date): Audit {
  return createAuditRecord(actor, {
    at, action: 'redeliver', targetType: 'WEBHOOK', targetId: webhookId, after: { deliveryId }
  })
}
