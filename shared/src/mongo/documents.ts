import { Ajv, type ErrorObject } from 'ajv'
import { Timestamp } from 'mongodb'

/** A stored document that does not match its schema, because it was damaged or written by another program. */
export class UnreadableDocumentError extends Error {
  override readonly name = 'UnreadableDocumentError'
  readonly collection: string
  readonly id: string

  constructor (collection: string, id: string, reason: string) {
    super(`The document ${id} of ${collection} cannot be read: ${reason}.`)
    this.collection = collection
    this.id = id
  }
}

/** Throws `UnreadableDocumentError` if a document does not match its schema. Ignores properties that are not listed. */
type DocumentCheck = (document: { readonly _id: string }) => void

/** Called for each document that a list omits. */
export type OnUnreadable = (error: UnreadableDocumentError) => void

// JSON Schema has no types for dates and timestamps.
export const StoredDate = { isDate: true } as const
export const StoredTimestamp = { isTimestamp: true } as const

const ajv = new Ajv({ strict: false, validateFormats: false })
ajv.addKeyword({ keyword: 'isDate', validate: (_: true, value: unknown) => isDate(value) })
ajv.addKeyword({ keyword: 'isTimestamp', validate: (_: true, value: unknown) => value instanceof Timestamp })

/**
 * Creates a function that checks the documents of a collection.
 * @param required the properties that every document has, with their JSON Schemas.
 * @param optional properties that may be absent.
 */
export function createDocumentCheck (
  collection: string, required: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}
): DocumentCheck {
  const validate = ajv.compile<{ readonly _id: string }>({
    type: 'object',
    required: Object.keys(required),
    properties: withoutExtras({ ...required, ...optional })
  })
  return document => {
    const { _id } = document
    if (validate(document)) return
    // Ajv stops at the first error.
    const [{ instancePath, message }] = validate.errors as [ErrorObject]
    throw new UnreadableDocumentError(collection, String(_id), `${instancePath} ${String(message)}`.trim())
  }
}

/** Reads the documents of a list. Omits documents that cannot be read. */
export function readDocuments<D, T> (
  documents: readonly D[], read: (document: D) => T, onUnreadable: OnUnreadable
): T[] {
  return documents.flatMap(document => {
    try {
      return [read(document)]
    } catch (error) {
      if (!(error instanceof UnreadableDocumentError)) throw error
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
