import { Counter, type Registry } from 'prom-client'
import type { OnUnreadable } from './documents.ts'

export interface UnreadableLogOptions {
  readonly metrics: Registry
  readonly log: { error: (fields: object, message: string) => void }
}

/** The number of ids that are remembered to log each of them only once. */
const maxLogged = 10_000

/** Counts the documents that lists omit, by collection, and logs the id of each document once. */
export function createUnreadableLog ({ metrics, log }: UnreadableLogOptions): OnUnreadable {
  const logged = new Set<string>()
  const counter = new Counter({
    name: 'laurel_unreadable_rows_total',
    help: 'Documents that lists omit because they cannot be read',
    labelNames: ['collection'] as const,
    registers: [metrics]
  })
  return ({ collection, id, message }) => {
    counter.inc({ collection })
    const key = `${collection} ${id}`
    if (logged.has(key)) return
    if (logged.size >= maxLogged) logged.clear()
    logged.add(key)
    log.error({ collection, id }, message)
  }
}
