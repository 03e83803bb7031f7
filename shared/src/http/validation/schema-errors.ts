import type { ErrorObject } from 'ajv'
import type { FastifySchemaValidationError } from 'fastify'
import type { FieldError } from '../../errors.ts'
import { appendPointer } from '../../json/strict-json.ts'

const maxErrors = 20

type Params = Readonly<Record<string, unknown>>

const details: Readonly<Record<string, (params: Params) => string>> = {
  required: () => 'is required',
  additionalProperties: () => 'is not a known property',
  propertyNames: () => 'is not an allowed property name',
  discriminator: () => 'must be one of the known types',
  const: ({ allowedValue }) => `must be ${JSON.stringify(allowedValue)}`,
  enum: ({ allowedValues }) => `must be one of ${(allowedValues as unknown[]).join(', ')}`,
  format: ({ format }) => formats[String(format)] ?? `must be a valid ${String(format)}`,
  pattern: ({ pattern }) => `must match ${String(pattern)}`
}

const formats: Readonly<Record<string, string>> = {
  'date-time': 'must be an RFC 3339 timestamp with an offset, years 2000 to 2100',
  'iana-time-zone': 'must be a zone of the tz database, such as Asia/Seoul or UTC',
  email: 'must be an email address',
  'visible-text': 'must have a visible character'
}

/**
 * Turns Ajv's errors into field errors, each with a JSON Pointer (RFC 6901) to the property that is wrong.
 * Returns at least 1 and at most 20.
 */
export function readSchemaErrors (validation: readonly FastifySchemaValidationError[]): FieldError[] {
  const all = validation as readonly ErrorObject[]
  const specific = all.filter(error => !isGeneral(error))
  const errors = (specific.length === 0 ? all : specific).map(toFieldError)
  const unique = new Map(errors.map(error => [`${error.pointer} ${error.detail}`, error]))
  return [...unique.values()].slice(0, maxErrors)
}

function toFieldError ({ keyword, instancePath, params, message }: ErrorObject): FieldError {
  const child: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? params['propertyName'] ??
    params['tag']
  const pointer = typeof child === 'string' ? appendPointer(instancePath, child) : instancePath
  return { pointer, detail: details[keyword]?.(params) ?? String(message) }
}

// The errors of the wrapping keyword and of `propertyNames` are less specific than the other errors.
function isGeneral ({ keyword, propertyName }: ErrorObject): boolean {
  return ['anyOf', 'oneOf', 'if'].includes(keyword) || propertyName !== undefined
}
