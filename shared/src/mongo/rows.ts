import { Ajv, type ErrorObject } from 'ajv'
import { Timestamp } from 'mongodb'
import { Counter, type Registry } from 'prom-client'

/** A stored row that does not match its schema, because it was damaged or written by another program. */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow'
  readonly collection: string
  readonly id: string

  constructor (collection: string, id: string, reason: string) {
    super(`The row ${id} of ${collection} cannot be read: ${reason}.`)
    this.collection = collection
    this.id = id
  }
}

/** Throws `UnreadableRow` if a row does not match its schema. Properties that the schema does not list are ignored. */
export type RowCheck = (row: { readonly _id: string }) => void

/** Called for each row that a list omits. */
export type OnUnreadable = (row: UnreadableRow) => void

// JSON Schema has no types for dates and timestamps.
export const StoredDate = { isDate: true } as const
export const StoredTimestamp = { isTimestamp: true } as const

const ajv = new Ajv({ strict: false, validateFormats: false })
ajv.addKeyword({ keyword: 'isDate', validate: (_: true, value: unknown) => isDate(value) })
ajv.addKeyword({ keyword: 'isTimestamp', validate: (_: true, value: unknown) => value instanceof Timestamp })

/**
 * Creates a function that checks the rows of a collection.
 * @param required the properties that every row has, with their JSON Schemas.
 * @param optional properties that may be absent.
 */
export function createRowCheck (
  collection: string, required: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}
): RowCheck {
  const validate = ajv.compile<{ readonly _id: string }>({
    type: 'object',
    required: Object.keys(required),
    properties: withoutExtras({ ...required, ...optional })
  })
  return row => {
    const { _id } = row
    if (validate(row)) return
    // Ajv stops at the first error.
    const [{ instancePath, message }] = validate.errors as [ErrorObject]
    throw new UnreadableRow(collection, String(_id), `${instancePath} ${String(message)}`.trim())
  }
}

/** Reads the rows of a list. Omits rows that cannot be read. */
export function readRows<D, T> (rows: readonly D[], read: (row: D) => T, onUnreadable: OnUnreadable): T[] {
  return rows.flatMap(row => {
    try {
      return [read(row)]
    } catch (error) {
      if (!(error instanceof UnreadableRow)) throw error
      onUnreadable(error)
      return []
    }
  })
}

export function isDate (value: unknown): value is Date {
  return value instanceof Date && !Number.isNaN(value.getTime())
}

/** Allows properties that the contract does not list. They are not part of responses. */
function withoutExtras (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutExtras)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(Object.entries(schema)
    .filter(([name, value]) => !(name === 'additionalProperties' && value === false))
    .map(([name, value]) => [name, withoutExtras(value)]))
}

export interface UnreadableLogOptions {
  readonly metrics: Registry
  readonly log: { error: (fields: object, message: string) => void }
}

/** The number of ids that are remembered to log each of them only once. */
const maxLogged = 10_000

/** Counts the rows that lists omit, by collection, and logs the id of each row once. */
export function createUnreadableLog ({ metrics, log }: UnreadableLogOptions): OnUnreadable {
  const logged = new Set<string>()
  const counter = new Counter({
    name: 'laurel_unreadable_rows_total',
    help: 'Documents that lists omit because they cannot be read',
    labelNames: ['collection'] as const,
    registers: [metrics]
  })
  return row => {
    const { collection, id, message } = row
    counter.inc({ collection })
    const key = `${collection} ${id}`
    if (logged.has(key)) return
    if (logged.size >= maxLogged) logged.clear()
    logged.add(key)
    log.error({ collection, id }, message)
  }
}
