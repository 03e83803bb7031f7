import { timeLimit } from '@laurel/shared/mongo'
import type { AnyBulkWriteOperation, Collection, Document, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { OutboxEntry } from '../domain/messages.ts'
import type { Message } from '../domain/webhook.ts'

/** The outbox fields of a document. Both are absent while there is nothing to relay. */
export interface OutboxFields {
  outbox?: readonly OutboxEntry[]
  /**
   * When the oldest entry was added. It is a scalar, so that the partial index contains only documents with entries.
   */
  outboxSince?: Date
}

export const outboxIndex = {
  name: 'outbox',
  key: { outboxSince: 1 },
  partialFilterExpression: { outboxSince: { $exists: true } }
} as const

/** Returns the outbox fields of a document whose outbox was empty. */
export function outboxOf (entry: OutboxEntry | undefined): OutboxFields {
  return entry === undefined ? {} : { outbox: [entry], outboxSince: entry.at }
}

/** Returns the operators that add an entry to a document. */
export function pushEntry (entry: OutboxEntry | undefined): Document {
  return entry === undefined ? {} : { $push: { outbox: entry }, $min: { outboxSince: entry.at } }
}

/** The messages of the documents with the oldest entries. */
export interface OutboxBatch {
  /** The messages of each document, in their order. `Failed` if the document cannot be read. */
  readonly messages: ReadonlyArray<readonly Message[] | Failed>
  /** Removes the entries that were read, and only these. */
  readonly remove: () => Promise<void>
}

/** The outbox entries of a collection. */
export interface OutboxStore<T> {
  /**
   * Reads at most `limit` documents.
   * @param messageOf returns the message that an entry announces.
   */
  read: (limit: number, messageOf: (item: T, entry: OutboxEntry) => Message) => Promise<OutboxBatch>
  /** Returns when the oldest entry was added. */
  oldest: () => Promise<Date | undefined>
}

/**
 * @param filterOf returns the filter of a document: its `_id` and its shard key.
 * @param toItem throws if the document is malformed.
 */
export function createOutboxStore<D extends OutboxFields & { _id: string }, T> (
  collection: Collection<D>, filterOf: (document: D) => object, toItem: (document: D) => T
): OutboxStore<T> {
  const hasEntries = { outboxSince: { $exists: true } } as Filter<D>
  const oldestFirst = { sort: { outboxSince: 1 }, hint: outboxIndex.name, ...timeLimit } as const
  return {
    async read (limit, messageOf) {
      const documents = await collection.find(hasEntries, { ...oldestFirst, limit }).toArray() as D[]
      return {
        messages: documents.map(document => isolate(() =>
          (document.outbox ?? []).map(entry => messageOf(toItem(document), entry)))),
        async remove () {
          const updates = documents.map(document =>
            ({ updateOne: { filter: filterOf(document), update: withoutEntries(document.outbox ?? []) } }))
          await collection.bulkWrite(updates as Array<AnyBulkWriteOperation<D>>, { ordered: false, ...timeLimit })
        }
      }
    },
    async oldest () {
      const options = { ...oldestFirst, projection: { outboxSince: 1 } }
      return (await collection.findOne<{ outboxSince?: Date }>(hasEntries, options))?.outboxSince
    }
  }
}

/** Another entry may have been added after the document was read. */
function withoutEntries (entries: readonly OutboxEntry[]): Document[] {
  const rest = { $filter: { input: '$outbox', cond: { $not: { $in: ['$$this', { $literal: entries }] } } } }
  const unlessEmpty = (value: unknown) => ({ $cond: [{ $eq: ['$outbox', []] }, '$$REMOVE', value] })
  return [
    { $set: { outbox: { $ifNull: [rest, []] } } },
    { $set: { outbox: unlessEmpty('$outbox'), outboxSince: unlessEmpty({ $min: '$outbox.at' }) } }
  ]
}
