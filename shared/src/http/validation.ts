import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { DomainError, type FieldError } from '../errors.ts'
import { parseInstant } from '../instant.ts'

const maxErrors = 20
const maxDepth = 20

/** True for a name that `Intl` computes with: any IANA zone, its old aliases and UTC; no offsets. */
export function isTimeZone (name: string): boolean {
  // Node takes '+09:00' as a zone too; a fixed offset knows no daylight saving and is not a place.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}

/** Nothing is dropped, filled in from elsewhere or coerced; defaults are. */
function createAjv (): Ajv {
  const ajv = new Ajv({
    allErrors: true, useDefaults: true, removeAdditional: false, coerceTypes: false, discriminator: true, strictTypes: false, strictTuples: false
  })
  addFormats.default(ajv, ['email', 'uri'])
  ajv.addFormat('date-time', { type: 'string', validate: (text: string) => parseInstant(text) !== undefined })
  ajv.addFormat('iana-time-zone', { type: 'string', validate: isTimeZone })
  return ajv
}

const ajv = createAjv()

interface ObjectSchema { properties?: Record<string, { type?: string }> }

/** Query strings are text: an integer is 1 to 3 digits, read before the schema looks at it. */
function readIntegers ({ properties = {} }: ObjectSchema, query: Record<string, unknown>): void {
  for (const [name, { type }] of Object.entries(properties)) {
    const text = query[name]
    if (type === 'integer' && typeof text === 'string' && /^\d{1,3}$/.test(text)) query[name] = Number(text)
  }
}

/** Compiles the schemas of a route. Headers are not ours alone, so there unknown ones pass. */
export const validatorCompiler: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  const validate = ajv.compile(schema)
  return data => {
    if (httpPart === 'querystring') readIntegers(schema as ObjectSchema, data)
    return validate(data) ? { value: data } : { error: validate.errors as unknown as Error }
  }
}

const details: Readonly<Record<string, (params: Record<string, unknown>) => string>> = {
  required: () => 'is required',
  additionalProperties: () => 'is not a property here',
  propertyNames: () => 'is not a name that a property may have',
  discriminator: () => 'must be one of the known types',
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(', ')}`,
  format: ({ format }) => formats[String(format)] ?? `must be a valid ${String(format)}`,
  pattern: ({ pattern }) => pattern === '\\S' ? 'must not be blank' : `must match ${String(pattern)}`
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'must be an RFC 3339 instant with an offset, years 2000 to 2100',
  'iana-time-zone': 'must be an IANA time zone such as Asia/Seoul or UTC',
  email: 'must be an e-mail address'
}

/** Ajv's findings in our words, at least one, each with a JSON Pointer (RFC 6901) to the property that is meant. */
export function readSchemaErrors (validation: readonly FastifySchemaValidationError[]): FieldError[] {
  const all = validation as readonly ErrorObject[]
  const telling = all.filter(error => !surrounds(error))
  const errors = (telling.length === 0 ? all : telling).map(({ keyword, instancePath, params, message }) => {
    const child: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? params['propertyName'] ?? params['tag']
    const pointer = typeof child === 'string' ? `${instancePath}/${escapePointer(child)}` : instancePath
    return { pointer, detail: details[keyword]?.(params) ?? String(message) }
  })
  const unique = new Map(errors.map(error => [`${error.pointer} ${error.detail}`, error]))
  return [...unique.values()].slice(0, maxErrors)
}

// What surrounds the alternatives, and what is wrong with a name, is said better by another error beside it.
function surrounds ({ keyword, propertyName }: ErrorObject): boolean {
  return ['anyOf', 'oneOf', 'if'].includes(keyword) || propertyName !== undefined
}

function escapePointer (name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

/**
 * Refuses what no schema mentions: NUL (it ends strings elsewhere), lone surrogates (they do not survive UTF-8),
 * the names that JavaScript objects inherit, and nesting that is deeper than any honest body.
 */
export function refuseHostileText (value: unknown, pointer = '', depth = 0): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw hostile(pointer, 'must not contain NUL')
    if (!value.isWellFormed()) throw hostile(pointer, 'must be well-formed Unicode')
  } else if (typeof value === 'object' && value !== null) {
    if (depth === maxDepth) throw hostile(pointer, `is nested deeper than ${maxDepth} levels`)
    for (const [name, child] of Object.entries(value)) {
      const place = `${pointer}/${escapePointer(name)}`
      if (name === '__proto__' || name === 'constructor' || name === 'prototype') throw hostile(place, 'is not a name that a property may have')
      refuseHostileText(name, place, depth)
      refuseHostileText(child, place, depth + 1)
    }
  }
}

function hostile (pointer: string, detail: string): DomainError {
  // The pointer itself may be made of what is refused.
  const readable = pointer.toWellFormed().replaceAll('\0', '�')
  return new DomainError('invalid', 'VALIDATION_FAILED', `${readable} ${detail}`, { errors: [{ pointer: readable, detail }] })
}
