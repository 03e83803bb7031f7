import { readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import { exampleOf, NoBody, Problem, type Access, type RouteContract } from '@laurel/shared/contracts'
import Fastify, { type FastifyInstance } from 'fastify'

const description = `Operators define events and rewards; users ask for their reward; the platform verifies what they really did,
refuses duplicates and grants. Errors are problem documents (RFC 9457) with a stable \`code\`.`

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const contact = { name: 'The operators of this Laurel' }

const tagDescriptions: Readonly<Record<string, string>> = {
  'Sign-in': 'Accounts are made and sessions begin here',
  Users: 'People, their roles and their own account',
  Sessions: 'Where a user is signed in',
  'Machine clients': 'Programs that report activities and deliveries, with tokens of role SERVICE',
  Events: 'What an operator offers, when, to whom',
  Rewards: 'What an event grants',
  Claims: 'Asking for the rewards of an event, deciding, and the history',
  Wallets: 'What a user has been granted',
  Activities: 'What users did: the evidence behind every grant',
  Audit: 'Who changed what'
}

/** The statuses that an operation may answer besides its own, with their codes. */
function commonRefusals ({ access, schema }: RouteContract): Record<string, readonly string[]> {
  return {
    400: ['VALIDATION_FAILED', 'BAD_REQUEST', ...(schema.body === undefined ? [] : ['INVALID_JSON'])],
    ...(access === 'public' ? {} : { 401: ['UNAUTHENTICATED'], 403: ['FORBIDDEN'] }),
    404: ['NOT_FOUND'],
    405: ['METHOD_NOT_ALLOWED'],
    408: ['REQUEST_TIMEOUT'],
    ...(schema.body === undefined ? {} : { 413: ['BODY_TOO_LARGE'], 415: ['UNSUPPORTED_MEDIA_TYPE'] }),
    414: ['ADDRESS_TOO_LONG'],
    429: ['RATE_LIMITED'],
    431: ['HEADERS_TOO_LARGE'],
    500: ['INTERNAL_ERROR'],
    502: ['UPSTREAM_UNAVAILABLE'],
    503: ['SERVICE_UNAVAILABLE'],
    504: ['UPSTREAM_TIMEOUT']
  }
}

const RetryAfter = { 'Retry-After': { description: 'Seconds after which to try again', type: 'integer', minimum: 1 } }

/** The headers that come with a status. */
const headersOf: Readonly<Record<string, object>> = {
  401: { 'WWW-Authenticate': { description: 'How to authenticate', type: 'string', const: 'Bearer' } },
  405: { Allow: { description: 'The methods that this address has', type: 'string' } },
  429: RetryAfter,
  503: RetryAfter
}

function errorResponses (contract: RouteContract): Record<string, object> {
  const refusals = commonRefusals(contract)
  for (const [status, codes] of Object.entries(contract.refusals ?? {})) refusals[status] = [...codes, ...refusals[status] ?? []]
  return Object.fromEntries(Object.entries(refusals).map(([status, codes]) => [status, {
    description: codes.map(code => `\`${code}\``).join(' · '),
    ...(headersOf[status] === undefined ? {} : { headers: headersOf[status] }),
    content: {
      'application/problem+json': {
        schema: { $ref: 'Problem#' },
        example: { type: 'about:blank', title: STATUS_CODES[status], status: Number(status), detail: 'One sentence for a person', code: codes[0], requestId: '0f8e…' }
      }
    }
  }]))
}

/** A schema as tools for documents like it: an enum says that it is of strings, and no `discriminator`, which is there for our own errors, chooses between schemas without names. */
function forReaders<T> (schema: T): T {
  return JSON.parse(JSON.stringify(schema, (name, value: { enum?: unknown }) => {
    if (name === 'discriminator') return undefined
    return Array.isArray(value?.enum) ? { type: 'string', ...value } : value
  })) as T
}

/** In words, because the page does not show what is beside the standard. */
function whoMay (access: Access): string {
  return typeof access === 'string' ? 'For everyone: no token is needed.' : `For ${access.join(', ')}.`
}

/** The OpenAPI 3.1 document of these operations, made from their contracts by @fastify/swagger. */
export async function describe (contracts: readonly RouteContract[]): Promise<ReturnType<FastifyInstance['swagger']>> {
  const app = Fastify({ exposeHeadRoutes: false })
  // Nothing is ever called here: the schemas are only read.
  app.setValidatorCompiler(() => Boolean)
  app.setSerializerCompiler(() => String)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Laurel', version, description, contact, license: { name: 'MIT', identifier: 'MIT' } },
      servers: [{ url: '/' }],
      tags: [...new Set(contracts.map(({ tag }) => tag))].map(name => ({ name, description: tagDescriptions[name] })),
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }
    },
    refResolver: { buildLocalReference: ({ $id }) => String($id) }
  })
  app.addSchema({ $id: 'Problem', ...Problem })
  for (const contract of contracts) {
    const { method, url, operationId, summary, description, tag, access, schema } = contract
    const { response, body, ...input } = forReaders(schema)
    const successes = Object.fromEntries(Object.entries(response).map(([status, body]) => [status,
      status === '204' ? { description: summary, type: 'null' } : { description: summary, content: { 'application/json': { schema: body, example: exampleOf(body) } } }
    ]))
    app.route({
      method,
      url,
      schema: {
        ...input,
        // What takes no property needs no body: the document would ask for one.
        ...(body === undefined || schema.body === NoBody ? {} : { body }),
        response: { ...successes, ...errorResponses(contract) },
        operationId,
        summary,
        description: `${description ?? `${summary}.`}\n\n${whoMay(access)}`,
        tags: [tag],
        security: access === 'public' ? [] : [{ bearer: [] }],
        'x-roles': access === 'public' ? ['public'] : access
      } as object,
      handler: String
    })
  }
  await app.ready()
  const document = app.swagger() as Described
  for (const { url, method, csv } of contracts) {
    const content = document.paths[url.replaceAll(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()]?.requestBody?.content
    if (csv !== undefined && content !== undefined) content['text/csv'] = csv
  }
  return document as ReturnType<FastifyInstance['swagger']>
}

interface Described { readonly paths: Record<string, Record<string, { readonly requestBody?: { readonly content: Record<string, unknown> } }>> }
