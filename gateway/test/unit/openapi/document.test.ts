import { contracts, errorEntry, EmptyBody, publicContracts, type RouteContract } from '@laurel/shared/contracts'
import { validatorCompiler } from '@laurel/shared/http'
import t from 'tap'
import { startGateway } from '../../support/gateway.ts'

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { content: { 'application/json': { schema: object, example: unknown } } }
  readonly responses: Readonly<Record<string, OperationResponse>>
  readonly security: readonly object[]
  readonly 'x-roles': readonly string[]
}

/** The part of a schema that is examined here. */
interface Described {
  readonly title?: string
  readonly properties?: object
  readonly contentMediaType?: string
}

interface MediaType {
  readonly schema: object
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>
}

interface Parameter {
  readonly in: string
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly schema: object
}

interface OperationResponse {
  readonly $ref?: string
  readonly description: string
  readonly content?: Record<string, MediaType>
}

const { app, call, url } = await startGateway(t)
const { body: document } = await call('GET', '/openapi.json')

/** Returns a response of an operation, either its own or the one from the components that it refers to. */
function resolve (response: OperationResponse): OperationResponse {
  const name = response.$ref?.replace('#/components/responses/', '')
  return name === undefined ? response : document.components.responses[name]
}

/** Compiles a schema of the document, whose references are relative to the registered components. */
function compile (text: string): ReturnType<typeof validatorCompiler> {
  const schema = JSON.parse(text.replaceAll('#/components/schemas/', 'document#/$defs/'))
  return validatorCompiler({ schema, method: 'GET', url: '/', httpPart: 'body' })
}

// The validator finds the schemas of a discriminator without `mapping`.
const components = JSON.stringify(document.components.schemas).replaceAll(/,"mapping":\{[^}]*\}/g, '')
compile(`{"$id":"document","$defs":${components}}`)
const validators = new Map<string, ReturnType<typeof validatorCompiler>>()

/** Validates a value with a schema of the document. Returns the validated value, or the errors. */
function validateDescribed (described: object, value: unknown): unknown {
  const text = JSON.stringify(described)
  const validator = validators.get(text) ?? compile(text)
  validators.set(text, validator)
  return validator(structuredClone(value))
}

function operationOf ({ method, url }: RouteContract): Operation {
  return document.paths[url.replaceAll(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()]
}

/** Validates a value with a schema. Returns the validated value, or the errors. */
function validate (schema: object, { method, url }: RouteContract, value: unknown): unknown {
  return validatorCompiler({ schema, method, url, httpPart: 'body' })(structuredClone(value))
}

t.test('200: the document is OpenAPI 3.1 and public', async t => {
  t.match(document, {
    openapi: /^3\.1\.\d$/,
    info: { title: 'Laurel', version: /^\d+\.\d+\.\d+$/ },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }
  })
})

t.test('the document has every public operation and no other', async t => {
  const paths = document.paths as Record<string, Record<string, Operation>>
  const described = Object.values(paths).flatMap(item => Object.values(item)).map(({ operationId }) => operationId)
  t.same(described.sort(), publicContracts.map(({ operationId }) => operationId).sort())
  t.notMatch(JSON.stringify(document), /internal\/|ingestInternalActivities/)
  t.ok(contracts.length > publicContracts.length, 'there are internal operations that must be omitted')
})

t.test('every operation describes 503 for a server that is busy, not ready or unavailable', async t => {
  for (const contract of publicContracts) {
    const { content } = resolve(operationOf(contract).responses['503'] as OperationResponse)
    const codes = Object.keys(content?.['application/problem+json']?.examples ?? {})
    t.same(['TOO_BUSY', 'NOT_READY', 'SERVICE_UNAVAILABLE'].filter(code => !codes.includes(code)), [])
  }
})

t.test('every tag has a description', async t => {
  for (const { name, description } of document.tags) t.match(description, /^[A-Z]/, name)
})

/** The statuses and names of the shared responses whose examples have been checked. */
const checked = new Set<string>()

for (const contract of publicContracts) {
  const operation = operationOf(contract)
  const isPublic = contract.access === 'public'

  t.test(`${contract.operationId}: roles, parameters and statuses match the contract`, async t => {
    t.same(operation['x-roles'], isPublic ? ['public'] : contract.access)
    t.same(operation.security, isPublic ? [] : [{ bearer: [] }])
    t.same(operation.tags, [contract.tag])

    const namesIn = (place: string) =>
      operation.parameters?.filter(parameter => parameter.in === place).map(({ name }) => name) ?? []
    const pathNames = [...contract.url.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => name)
    const query = contract.schema.querystring as { properties?: object } | undefined
    t.same(namesIn('path'), pathNames)
    t.same(namesIn('query'), Object.keys(query?.properties ?? {}))

    const statuses = Object.keys(operation.responses).map(Number)
    const successes = Object.keys(contract.schema.response).map(Number)
    t.same(statuses.filter(status => status < 400), successes)
    const errors = Object.keys(contract.refusals ?? {}).map(Number)
    for (const status of [...errors, 400, 500, 502, 503, 504, ...(isPublic ? [] : [401, 403])]) {
      t.ok(statuses.includes(status), `${status} is described`)
    }
    if (pathNames.length > 0) t.ok(statuses.includes(404), 'an id may not exist')
  })

  t.test(`${contract.operationId}: every code of every error has a meaning and an example`, async t => {
    for (const [status, response] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue
      const { description, content } = resolve(response)
      const { schema = {}, examples = {} } = content?.['application/problem+json'] ?? {}
      const codes = Object.keys(examples)
      t.same((contract.refusals?.[Number(status)] ?? []).filter(code => !codes.includes(code)), [])
      t.ok(codes.length > 0)
      if (response.$ref !== undefined) {
        if (checked.has(`${status} ${response.$ref}`)) continue
        checked.add(`${status} ${response.$ref}`)
      }
      for (const [code, { value }] of Object.entries(examples)) {
        t.match(value, { status: Number(status), code, type: `/docs/errors/${code}` })
        t.match(description, `- \`${code}\`: ${errorEntry(code)?.meaning}`)
        t.same(validateDescribed(schema, value), { value }, code)
        const unknown = validateDescribed(schema, { ...value as object, code: 'ANOTHER_CODE' })
        t.match(unknown, { error: Array }, 'another code is not allowed')
      }
    }
  })

  t.test(`${contract.operationId}: the description names the roles, and every success has a valid example`, async t => {
    const roles = [contract.access].flat().join(', ')
    t.ok(operation.description.length > contract.summary.length + 40, 'the description says more than the summary')
    t.match(operation.description, isPublic ? 'No token is required.' : `Allowed roles: ${roles}.`)
    for (const [status, schema] of Object.entries(contract.schema.response)) {
      if (status === '204') continue
      const { title, properties, contentMediaType = 'application/json' } = schema as Described
      const { schema: described, example } = operation.responses[status]?.content?.[contentMediaType] ?? {}
      const valid = 'has a valid example, which is in `examples` of the contract or of the schema'
      t.same(validate(schema, contract, example), { value: example }, `${status} ${valid}`)
      if (properties !== undefined) t.type(title, 'string', `${status} has a schema with a title`)
      t.same(validateDescribed(described ?? {}, example), { value: example })
    }
  })

  const { csv } = contract
  if (csv !== undefined) {
    t.test(`${contract.operationId}: the body may also be text/csv`, async t => {
      const described = { schema: { type: 'string' }, example: csv.example }
      t.match(operation.requestBody?.content, { 'application/json': {}, 'text/csv': described })
      t.match(csv.example, new RegExp((csv.schema as unknown as { pattern: string }).pattern))
    })
  }

  const { body } = contract.schema
  if (body === undefined || body === EmptyBody) {
    t.test(`${contract.operationId}: no body is described`, async t => { t.notOk(operation.requestBody) })
  } else {
    t.test(`${contract.operationId}: the example of the body is valid`, async t => {
      const { example } = operation.requestBody?.content['application/json'] ?? {}
      t.type(example, 'object')
      t.same(validate(body, contract, example), { value: example })
      const { schema = {} } = operation.requestBody?.content['application/json'] ?? {}
      t.same(validateDescribed(schema, example), { value: example })
    })
  }
}

t.test('every reference resolves', async t => {
  const matches = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)
  const references = new Set([...matches].map(([, reference]) => String(reference)))
  t.ok(references.size > 0)
  for (const reference of references) {
    const names = reference.replace(/^#\//, '').split('/')
    t.type(names.reduce((place, name) => place?.[name], document), 'object', reference)
  }
})

t.test('the server is the URL at which the document was requested', async t => {
  t.same(document.servers, [{ url }])
  const { servers } = (await app.inject({ url: '/openapi.json', headers: { host: 'laurel.example:8443' } })).json()
  t.same(servers, [{ url: 'http://laurel.example:8443' }])
})
