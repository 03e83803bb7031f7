import type { Server } from '@laurel/shared/http'
import { Gauge } from 'prom-client'
import type { Passwords } from './passwords.ts'
import type { Outbox } from './stores/outbox.ts'

/** What auth-service tells Prometheus beside what every server tells. */
export function addMetrics ({ metrics }: Pick<Server, 'metrics'>, passwords: Passwords, outbox: Outbox): void {
  const registers = [metrics]
  const queue = new Gauge({ name: 'laurel_hash_queue', help: 'Passwords that wait to be hashed', registers, collect: () => { queue.set(passwords.waiting()) } })
  const lag = new Gauge({
    name: 'laurel_relay_lag_seconds',
    help: 'For how long the oldest activity has waited for event-service',
    registers,
    async collect () {
      const found = await outbox.undelivered(new Date(), 1).catch(() => undefined)
      // Without MongoDB nobody knows; the other metrics go on.
      if (found === undefined) return
      const [oldest] = found
      lag.set(oldest === undefined ? 0 : (Date.now() - oldest.since.getTime()) / 1000)
    }
  })
}
