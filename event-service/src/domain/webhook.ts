import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { WebhookDeliveryStatus, WebhookType } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'

/** A receiver of messages. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly types: readonly WebhookType[]
  /** `whsec_` and base64: the key that signs its messages. */
  readonly secret: string
  readonly createdAt: Date
  /** Set once the receiver has responded with 410 Gone. */
  readonly disabledAt?: Date
}

/** A message about a change. Its `id` is derived from the change, so that it is the same in every process. */
export interface Message {
  readonly id: string
  readonly type: WebhookType
  readonly at: Date
  /** The subject of the message. The messages of one subject are delivered in order. */
  readonly subject: string
  /** Increases from one message of a subject to the next. */
  readonly order: number
  /** The body of the request as JSON. */
  readonly body: string
}

/** The delivery of a message to one webhook. */
export interface Delivery {
  readonly id: string
  readonly webhookId: string
  readonly messageId: string
  readonly type: WebhookType
  readonly subject: string
  readonly order: number
  readonly body: string
  readonly status: WebhookDeliveryStatus
  /** The number of attempts. */
  readonly attempts: number
  /** How many attempts have failed since it was created or redelivered. This number determines the next delay. */
  readonly failures: number
  readonly lastStatus?: number
  readonly nextAttemptAt?: Date
  readonly createdAt: Date
}

const secretPrefix = 'whsec_'

/** Returns a new signing secret: 256 random bits (Standard Webhooks requires 192 to 512). */
export function newSecret (): string {
  return `${secretPrefix}${randomBytes(32).toString('base64')}`
}

/** Returns a message; `order` must increase with each message of the subject. */
export function newMessage (type: WebhookType, subject: string, order: number, at: Date, data: object): Message {
  const id = `msg_${hashOf(`${subject} ${type} ${order}`)}`
  return { id, type, at, subject, order, body: JSON.stringify({ type, timestamp: at.toISOString(), data }) }
}

/** Returns the delivery of a message to a webhook. The id is derived from both, so it is always the same. */
export function newDelivery (message: Message, webhookId: string, now: Date): Delivery {
  const { id: messageId, type, subject, order, body } = message
  return {
    id: `dlv_${hashOf(`${webhookId} ${messageId}`)}`,
    webhookId,
    messageId,
    type,
    subject,
    order,
    body,
    status: 'PENDING',
    attempts: 0,
    failures: 0,
    nextAttemptAt: now,
    createdAt: now
  }
}

function hashOf (text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32)
}

/**
 * Returns the headers of one attempt, signed as specified in Standard Webhooks 1.0.0 ("Signature scheme"): HMAC-SHA256
 * of `id.timestamp.body`, where the timestamp is in seconds since 1970.
 */
export function signedHeaders (secret: string, messageId: string, body: string, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const key = Buffer.from(secret.slice(secretPrefix.length), 'base64')
  const signature = createHmac('sha256', key).update(`${messageId}.${timestamp}.${body}`).digest('base64')
  return {
    'content-type': 'application/json',
    'user-agent': 'Laurel-Webhooks',
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`
  }
}

/** Seconds to wait after the first, second, … failed attempt; 27 hours in total. */
const delays = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200]

/**
 * Returns the time of the next attempt after this many failures, or `undefined` if there are no more attempts.
 * @param random 0 to 1. Up to 20% of the delay is added, so that retries after an outage are spread out.
 */
export function nextAttemptAt (failures: number, now: Date, random: number): Date | undefined {
  const delay = delays[failures - 1]
  return delay === undefined ? undefined : new Date(now.getTime() + delay * 1000 * (1 + random / 5))
}

export function webhookNotFound (): DomainError {
  return new DomainError('not-found', 'WEBHOOK_NOT_FOUND', 'There is no webhook with this id.')
}

/** Checks that a webhook is not disabled. Throws 409 `WEBHOOK_DISABLED`. */
export function checkEnabled ({ disabledAt }: Webhook): void {
  if (disabledAt === undefined) return
  throw new DomainError('conflict', 'WEBHOOK_DISABLED', 'The receiver of this webhook is gone; create a new webhook.')
}

export function deliveryNotFound (): DomainError {
  return new DomainError('not-found', 'DELIVERY_NOT_FOUND', 'There is no delivery with this id.')
}
