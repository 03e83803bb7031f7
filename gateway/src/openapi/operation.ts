import { STATUS_CODES } from 'node:http'
import { exampleOf, EmptyBody, type Access, type RouteContract } from '@laurel/shared/contracts'
import type { TSchema } from 'typebox'
import type { Components, JsonObject } from './components.ts'
import { errorResponses } from './error-responses.ts'

/** Returns the OpenAPI operation of a contract. Its named schemas are added to the components. */
export function describeOperation (contract: RouteContract, components: Components): JsonObject {
  const { operationId, summary, description, tag, access, schema } = contract
  const isPublic = access === 'public'
  const body = requestBody(contract, components)
  return {
    operationId,
    summary,
    description: `${description}\n\n${describeAccess(access)}`,
    tags: [tag],
    parameters: [
      ...parameters('path', schema.params, components),
      ...parameters('query', schema.querystring, components),
      ...parameters('header', schema.headers, components)
    ],
    ...(body === undefined ? {} : { requestBody: body }),
    responses: { ...successResponses(contract, components), ...errorResponses(contract, components) },
    security: isPublic ? [] : [{ bearer: [] }],
    'x-roles': isPublic ? ['public'] : access
  }
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, object & { readonly description?: string, readonly title?: string }>>
  readonly required?: readonly string[]
  readonly minProperties?: number
}

/** Returns the parameters that an object schema describes. */
function parameters (place: string, schema: TSchema | undefined, { describe }: Components): JsonObject[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema
  return Object.entries(properties).map(([name, property]) => {
    const { description = '' } = property
    // The description is next to the schema, unless the schema is a component that contains it.
    const inner = property.title === undefined ? { ...property, description: undefined } : property
    return { name, in: place, required: required.includes(name), description, schema: describe(inner) }
  })
}

/** Returns the request body, or `undefined` if it has no properties: then the operation accepts a missing body. */
function requestBody ({ schema, csv }: RouteContract, { describe }: Components): JsonObject | undefined {
  const { body } = schema
  if (body === undefined || body === EmptyBody) return undefined
  return {
    required: needsBody(body),
    content: {
      'application/json': { schema: describe(body), example: exampleOf(body) as JsonObject },
      ...(csv === undefined ? {} : { 'text/csv': { schema: describe(csv.schema), example: csv.example } })
    }
  }
}

/** Whether a body is required. Some body schemas have no required property. */
function needsBody (schema: TSchema): boolean {
  const { required = [], minProperties = 0 } = schema as ObjectSchema
  return required.length > 0 || minProperties > 0
}

function successResponses ({ schema, examples }: RouteContract, { describe }: Components): JsonObject {
  return Object.fromEntries(Object.entries(schema.response).map(([status, body]) => {
    const description = String(STATUS_CODES[status])
    if (status === '204') return [status, { description }]
    const example = (examples?.[Number(status)] ?? exampleOf(body)) as JsonObject
    const { contentMediaType = 'application/json' } = body as { contentMediaType?: string }
    const content = { [contentMediaType]: { schema: describe(body), example } }
    return [status, { description, content }]
  }))
}

/** Describes the roles in words, because documentation pages do not show `x-roles`. */
function describeAccess (access: Access): string {
  return typeof access === 'string' ? 'No token is required.' : `Allowed roles: ${access.join(', ')}.`
}
