import type { Webhook } from '@laurel/shared/contracts'
import { Webhook as Reference } from 'standardwebhooks'
import type { Test } from 'tap'
import type { Call } from '../http/client.ts'
import { startStandIn, type StandIn } from './services.ts'

/** A received message whose signature was verified with the reference library. */
export interface Received {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly data: any
}

export interface Receiver extends StandIn {
  readonly webhook: Webhook & { readonly secret: string }
  /** Returns the messages received so far. Throws if a signature is not valid. */
  readonly received: () => Received[]
}

/** The value of `WEBHOOK_ALLOW` that allows receivers of tests. */
export const allowReceivers = { WEBHOOK_ALLOW: '127.0.0.1' }

/** Starts a receiver and creates a webhook for it. Stopped with the test. */
export async function startReceiver (
  t: Test, call: Call, token: string, types: readonly string[]
): Promise<Receiver> {
  const standIn = await startStandIn(t)
  const { status, body: webhook } = await call('POST', '/v1/webhooks', { token, body: { url: standIn.url, types } })
  if (status !== 201) throw new Error(`The webhook was not created: ${status} ${JSON.stringify(webhook)}`)
  const reference = new Reference(webhook.secret)
  return Object.assign(standIn, {
    webhook,
    received: () => standIn.arrivals.map(({ headers, body }) => {
      const message = reference.verify(body, headers as Record<string, string>) as Omit<Received, 'id'>
      return { id: String(headers['webhook-id']), ...message }
    })
  })
}
