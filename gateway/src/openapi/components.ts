import { openapiVariants } from '@laurel/shared/contracts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject { readonly [name: string]: Json }

/** The named schemas and responses of the document. */
export interface Components {
  readonly schemas: Record<string, JsonObject>
  readonly responses: Record<string, JsonObject>
  /** Returns a schema for the document. A schema with a title becomes a component, and a reference takes its place. */
  readonly describe: (schema: object) => JsonObject
}

export function createComponents (): Components {
  const schemas: Record<string, JsonObject> = {}
  const originals = new Map<string, string>()

  function describeNamed (title: string, schema: object): JsonObject {
    const original = JSON.stringify(openapiVariants[title] ?? schema)
    const known = originals.get(title)
    if (known === undefined) {
      // Recorded first, because a schema may contain itself.
      originals.set(title, original)
      schemas[title] = describeKeywords(JSON.parse(original))
    } else if (known !== original) {
      throw new Error(`Two different schemas have the title ${title}.`)
    }
    return { $ref: `#/components/schemas/${title}` }
  }

  function describe (value: Json): Json {
    if (Array.isArray(value)) return value.map(describe)
    if (typeof value !== 'object' || value === null) return value
    const schema = value as JsonObject
    return typeof schema['title'] === 'string' ? describeNamed(schema['title'], schema) : describeKeywords(schema)
  }

  function describeKeywords (schema: JsonObject): JsonObject {
    return withType(mapValues(schema, (value, keyword) => {
      if (keyword === 'properties') return mapValues(value as JsonObject, describe)
      return verbatim.has(keyword) ? value : describe(value)
    }))
  }

  const plain = (schema: object): Json => JSON.parse(JSON.stringify(schema)) as Json
  return { schemas, responses: {}, describe: schema => describe(plain(schema)) as JsonObject }
}

function mapValues (object: JsonObject, map: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]))
}

/** Keywords whose values contain no schemas. */
const verbatim = new Set(['examples', 'example', 'default', 'enum', 'const', 'required'])

/** Generators need the type of an enum. */
function withType (schema: JsonObject): JsonObject {
  return Array.isArray(schema['enum']) ? { type: 'string', ...schema } : schema
}
