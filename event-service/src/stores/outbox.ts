import { timeLimit } from '@laurel/shared/mongo'
import type { AnyBulkWriteOperation, Collection, Document, Filter } from 'mongodb'
import type { OutboxEntry } from '../domain/messages.ts'

/** The outbox fields of a row. Both are absent while there is nothing to relay. */
export interface OutboxFields {
  outbox?: readonly OutboxEntry[]
  /** When the oldest entry was added. It is a scalar, so that the partial index contains only rows with entries. */
  outboxSince?: Date
}

export const outboxIndex = {
  name: 'outbox',
  key: { outboxSince: 1 },
  partialFilterExpression: { outboxSince: { $exists: true } }
} as const

/** Returns the outbox fields of a row whose outbox was empty. */
export function outboxOf (entry: OutboxEntry | undefined): OutboxFields {
  return entry === undefined ? {} : { outbox: [entry], outboxSince: entry.at }
}

/** Returns the operators that add an entry to a row. */
export function pushEntry (entry: OutboxEntry | undefined): Document {
  return entry === undefined ? {} : { $push: { outbox: entry }, $min: { outboxSince: entry.at } }
}

/** The outbox entries of a collection. */
export interface OutboxStore<D extends OutboxFields> {
  /** Returns the rows with the oldest entries. */
  read: (limit: number) => Promise<readonly D[]>
  /** Removes only the entries that were read from these rows: one row or more. */
  forget: (rows: readonly D[]) => Promise<void>
  /** Returns when the oldest entry was added. */
  oldest: () => Promise<Date | undefined>
}

/** @param keyOf returns the filter of a row: its `_id` and its shard key. */
export function createOutboxStore<D extends OutboxFields & { _id: string }> (
  collection: Collection<D>, keyOf: (row: D) => object
): OutboxStore<D> {
  const noted = { outboxSince: { $exists: true } } as Filter<D>
  const oldestFirst = { sort: { outboxSince: 1 }, hint: outboxIndex.name, ...timeLimit } as const
  return {
    read: async limit => await collection.find(noted, { ...oldestFirst, limit }).toArray() as D[],
    async forget (rows) {
      const updates = rows.map(row => ({ updateOne: { filter: keyOf(row), update: withoutEntries(row.outbox ?? []) } }))
      await collection.bulkWrite(updates as Array<AnyBulkWriteOperation<D>>, { ordered: false, ...timeLimit })
    },
    async oldest () {
      const options = { ...oldestFirst, projection: { outboxSince: 1 } }
      return (await collection.findOne<{ outboxSince?: Date }>(noted, options))?.outboxSince
    }
  }
}

/** Another entry may have been added after the row was read. */
function withoutEntries (entries: readonly OutboxEntry[]): Document[] {
  const rest = { $filter: { input: '$outbox', cond: { $not: { $in: ['$$this', { $literal: entries }] } } } }
  const unlessEmpty = (value: unknown) => ({ $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', value] })
  return [
    { $set: { outbox: { $ifNull: [rest, []] } } },
    { $set: { outbox: unlessEmpty('$outbox'), outboxSince: unlessEmpty({ $min: '$outbox.at' }) } }
  ]
}
