import { NoBody, publicContracts, contracts, type RouteContract } from '@laurel/shared/contracts'
import { validatorCompiler } from '@laurel/shared/http'
import t from 'tap'
import { startGateway } from './support/gateway.ts'

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters?: ReadonlyArray<{ in: string, name: string, required: boolean, schema: object }>
  readonly requestBody?: { content: { 'application/json': { schema: object, example: unknown } } }
  readonly responses: Readonly<Record<string, { description: string, content: Record<string, { schema: object, example: { status: number, code: string } }> }>>
  readonly security: readonly object[]
  readonly 'x-roles': readonly string[]
}

const { app, call } = await startGateway(t)
const { body: document } = await call('GET', '/openapi.json')

function operationOf ({ method, url }: RouteContract): Operation {
  return document.paths[url.replaceAll(/:([A-Za-z]+)/g, '{$1}')]?.[method.toLowerCase()]
}

t.test('the document is OpenAPI 3.1, for everyone', async t => {
  t.match(document, { openapi: /^3\.1\.\d$/, info: { title: 'Laurel', version: /^\d+\.\d+\.\d+$/ }, components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } } })
})

t.test('it has every public operation and no other', async t => {
  const described = Object.values(document.paths as Record<string, Record<string, Operation>>).flatMap(item => Object.values(item))
  t.same(described.map(({ operationId }) => operationId).sort(), publicContracts.map(({ operationId }) => operationId).sort())
  t.notMatch(JSON.stringify(document), /internal\/|ingestInternalActivities/)
  t.ok(contracts.length > publicContracts.length, 'there are internal ones that could have been in it')
})

for (const contract of publicContracts) {
  const operation = operationOf(contract)

  t.test(`${contract.operationId}: its roles, parameters, bodies, successes and refusals are the contract's`, async t => {
    const isPublic = contract.access === 'public'
    t.same(operation['x-roles'], isPublic ? ['public'] : contract.access)
    t.same(operation.security, isPublic ? [] : [{ bearer: [] }])
    t.same(operation.tags, [contract.tag])

    const named = operation.parameters?.filter(({ in: place }) => place === 'path').map(({ name }) => name) ?? []
    t.same(named, [...contract.url.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => name), 'every part of the path is a parameter')
    const asked = operation.parameters?.filter(({ in: place }) => place === 'query').map(({ name }) => name) ?? []
    t.same(asked, Object.keys((contract.schema.querystring as { properties?: object } | undefined)?.properties ?? {}))

    const statuses = Object.keys(operation.responses).map(Number)
    const successes = Object.keys(contract.schema.response).map(Number)
    t.same(statuses.filter(status => status < 400), successes)
    for (const status of [...Object.keys(contract.refusals ?? {}).map(Number), 400, 500, 502, 503, 504, ...(isPublic ? [] : [401, 403])]) {
      t.ok(statuses.includes(status), `${status} is described`)
    }
    if (named.length > 0) t.ok(statuses.includes(404), 'an id may be of nothing')
  })

  t.test(`${contract.operationId}: every refusal is a problem document with an example`, async t => {
    for (const [status, { description, content }] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue
      const { schema, example } = content['application/problem+json'] ?? {}
      t.same(schema, { $ref: '#/components/schemas/Problem' })
      t.match(example, { status: Number(status), code: /^[A-Z][A-Z_]*$/ })
      for (const code of contract.refusals?.[Number(status)] ?? []) t.match(description, `\`${code}\``)
    }
  })

  t.test(`${contract.operationId}: who may call it is said in words, and every success has an example that is one`, async t => {
    t.match(operation.description, contract.access === 'public' ? 'For everyone' : `For ${[contract.access].flat().join(', ')}.`)
    for (const [status, schema] of Object.entries(contract.schema.response)) {
      if (status === '204') continue
      const { example } = operation.responses[status]?.content['application/json'] ?? {}
      const validate = validatorCompiler({ schema, method: contract.method, url: contract.url, httpPart: 'body' })
      t.same(validate(structuredClone(example)), { value: example }, status)
    }
  })

  const { csv } = contract
  if (csv !== undefined) {
    t.test(`${contract.operationId}: it takes text/csv, too`, async t => {
      t.match(operation.requestBody?.content, { 'application/json': {}, 'text/csv': { schema: { type: 'string' }, example: csv.example } })
      t.match(csv.example, new RegExp((csv.schema as unknown as { pattern: string }).pattern))
    })
  }

  const { body } = contract.schema
  t.test(`${contract.operationId}: ${body === undefined || body === NoBody ? 'it asks for no body' : 'the example of its body is one that the operation takes'}`, async t => {
    if (body === undefined || body === NoBody) {
      t.notOk(operation.requestBody)
      return
    }
    const { example } = operation.requestBody?.content['application/json'] ?? {}
    t.type(example, 'object')
    const validate = validatorCompiler({ schema: body, method: contract.method, url: contract.url, httpPart: 'body' })
    t.same(validate(structuredClone(example)), { value: example })
  })
}

t.test('every reference leads somewhere', async t => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => String(reference))
  t.ok(references.length > 0)
  for (const reference of new Set(references)) {
    const target = reference.replace(/^#\//, '').split('/').reduce((place, name) => place?.[name], document)
    t.type(target, 'object', reference)
  }
})

t.test('200: /docs shows the page, with all that it loads, for everyone', async t => {
  for (const url of ['/docs', '/docs/']) {
    const page = await app.inject(url)
    t.match(page, { statusCode: 200, headers: { 'content-type': /^text\/html/, 'content-security-policy': /default-src 'self'/ } }, url)
    const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => new URL(String(address), `http://laurel${url}`).pathname)
    t.ok(loaded.length > 3)
    for (const address of loaded) t.equal((await app.inject(address)).statusCode, 200, address)
  }
  t.same((await app.inject('/docs/json')).json(), document, 'the page reads the same document')
})
