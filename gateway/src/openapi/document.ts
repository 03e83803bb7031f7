import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import { exampleOf, EmptyBody, Problem, type Access, type RouteContract } from '@laurel/shared/contracts'
import Fastify, { type FastifyInstance } from 'fastify'
import { errorResponses } from './error-responses.ts'
import { tagDescriptions } from './tags.ts'

const description = `Operators define events and rewards. Users claim the rewards.
The platform checks what each user did, grants a reward at most once, and rejects everything else.

Errors are problem documents (RFC 9457) with a stable \`code\`.`

const packageFile = new URL('../../package.json', import.meta.url)
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }

export type OpenApiDocument = ReturnType<FastifyInstance['swagger']>

/** Returns the OpenAPI 3.1 document of these operations. @fastify/swagger builds it from their contracts. */
export async function createDocument (contracts: readonly RouteContract[]): Promise<OpenApiDocument> {
  // This server never receives a request; @fastify/swagger reads the schemas of its routes.
  const app = Fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(() => Boolean)
  app.setSerializerCompiler(() => String)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Laurel',
        version,
        description,
        contact: { name: 'The operators of this Laurel installation' },
        license: { name: 'MIT', identifier: 'MIT' }
      },
      servers: [{ url: '/' }],
      tags: [...new Set(contracts.map(({ tag }) => tag))].map(name => ({ name, description: tagDescriptions[name] })),
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }
    },
    refResolver: { buildLocalReference: ({ $id }) => String($id) }
  })
  app.addSchema({ $id: 'Problem', ...Problem })
  for (const contract of contracts) {
    app.route({ method: contract.method, url: contract.url, schema: routeSchema(contract), handler: String })
  }
  await app.ready()
  const document = app.swagger() as OpenApiDocument & DocumentPaths
  addCsvBodies(document, contracts)
  return document
}

/** Returns the schema of one operation as @fastify/swagger reads it. */
function routeSchema (contract: RouteContract): object {
  const { operationId, summary, description, tag, access, schema } = contract
  const { response, body, ...input } = forTools(schema)
  // An operation that takes no property accepts a missing body, which the document cannot say.
  const hasBody = body !== undefined && schema.body !== EmptyBody
  const isPublic = access === 'public'
  return {
    ...input,
    ...(hasBody ? { body } : {}),
    response: { ...successResponses(summary, response), ...errorResponses(contract) },
    operationId,
    summary,
    description: `${description ?? `${summary}.`}\n\n${describeAccess(access)}`,
    tags: [tag],
    security: isPublic ? [] : [{ bearer: [] }],
    'x-roles': isPublic ? ['public'] : access
  }
}

function successResponses (description: string, responses: RouteContract['schema']['response']): object {
  return Object.fromEntries(Object.entries(responses).map(([status, schema]) => {
    if (status === '204') return [status, { description, type: 'null' }]
    return [status, { description, content: { 'application/json': { schema, example: exampleOf(schema) } } }]
  }))
}

/**
 * Returns a schema that OpenAPI tools understand. Enums get a type. `discriminator` is removed: it is there for the
 * validator's own error messages, and OpenAPI would read it as a choice between named schemas.
 */
function forTools<T> (schema: T): T {
  return JSON.parse(JSON.stringify(schema, (name, value: { enum?: unknown }) => {
    if (name === 'discriminator') return undefined
    return Array.isArray(value?.enum) ? { type: 'string', ...value } : value
  })) as T
}

/** Describes the roles in words, because documentation pages do not show `x-roles`. */
function describeAccess (access: Access): string {
  return typeof access === 'string' ? 'No token is required.' : `Allowed roles: ${access.join(', ')}.`
}

interface DocumentPaths {
  readonly paths: Record<string, Record<string, { readonly requestBody?: RequestBody }>>
}

interface RequestBody {
  readonly content: Record<string, unknown>
}

/** @fastify/swagger describes one content type of a body only. */
function addCsvBodies ({ paths }: DocumentPaths, contracts: readonly RouteContract[]): void {
  for (const { url, method, csv } of contracts) {
    const content = paths[url.replaceAll(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()]?.requestBody?.content
    if (csv !== undefined && content !== undefined) content['text/csv'] = csv
  }
}
