import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import { parseInstant } from '../../instant.ts'
import { hasVisibleCharacter } from '../../text.ts'
import { isTimeZone } from './time-zone.ts'

/** Creates a validator that applies defaults, but neither removes properties nor coerces types. */
function createAjv (): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    useDefaults: true,
    removeAdditional: false,
    coerceTypes: false,
    discriminator: true,
    // A schema that is referenced several times is compiled once.
    inlineRefs: false,
    strictTypes: false,
    strictTuples: false
  })
  addFormats.default(ajv, ['email', 'uri', 'int32', 'int64'])
  ajv.addFormat('date-time', { type: 'string', validate: (text: string) => parseInstant(text) !== undefined })
  ajv.addFormat('visible-text', { type: 'string', validate: hasVisibleCharacter })
  ajv.addFormat('iana-time-zone', { type: 'string', validate: isTimeZone })
  return ajv
}

const ajv = createAjv()

interface ObjectSchema { properties?: Record<string, { type?: string }> }

/** Turns integers of 1 to 3 digits in a query string into numbers, before the schema is checked. */
function readIntegers ({ properties = {} }: ObjectSchema, query: Record<string, unknown>): void {
  for (const [name, { type }] of Object.entries(properties)) {
    const text = query[name]
    if (type === 'integer' && typeof text === 'string' && /^\d{1,3}$/.test(text)) query[name] = Number(text)
  }
}

/** Compiles the schemas of a route. Header schemas allow unknown headers. */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  const validate = ajv.compile(schema)
  return data => {
    if (httpPart === 'querystring') readIntegers(schema as ObjectSchema, data)
    return validate(data) ? { value: data } : { error: validate.errors as unknown as Error }
  }
}
