import type { Server } from '@laurel/shared/http'
import { Gauge } from 'prom-client'
import type { PasswordHasher } from './passwords/password-hasher.ts'
import type { OutboxStore } from './stores/outbox.ts'

/** Adds the metrics of auth-service to those that every server has. */
export function addMetrics (
  { metrics }: Pick<Server, 'metrics'>, passwords: PasswordHasher, outbox: OutboxStore
): void {
  const registers = [metrics]
  const queue = new Gauge({
    name: 'laurel_hash_queue',
    help: 'Passwords waiting to be hashed',
    registers,
    collect: () => { queue.set(passwords.queueLength()) }
  })
  const lag = new Gauge({
    name: 'laurel_relay_lag_seconds',
    help: 'Age of the oldest activity that event-service has not acknowledged',
    registers,
    async collect () {
      const pending = await outbox.findPending(new Date(), 1).catch(() => undefined)
      // If MongoDB is down, the value is unknown and the other metrics are still served.
      if (pending === undefined) return
      const [oldest] = pending
      lag.set(oldest === undefined ? 0 : (Date.now() - oldest.since.getTime()) / 1000)
    }
  })
}
