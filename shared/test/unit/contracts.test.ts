import { callerRoles, contracts, IdempotencyKey, IfMatch, Page, publicContracts } from '@laurel/shared/contracts'
import { validatorCompiler } from '@laurel/shared/http'
import t from 'tap'
import { Type } from 'typebox'
import { unlistedContracts } from '../../../scripts/unlisted-contracts.ts'

interface Schema {
  readonly type?: string
  readonly properties?: Record<string, Schema>
  readonly additionalProperties?: unknown
  readonly propertyNames?: unknown
  readonly maxProperties?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}

/** Yields every object schema that a request may contain, with its location. */
function * objectsIn (schema: Schema, place: string): Generator<readonly [string, Schema]> {
  if (schema.properties !== undefined || schema.propertyNames !== undefined) yield [place, schema]
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield * objectsIn(child, `${place}/${name}`)
  const children = [...schema.items === undefined ? [] : [schema.items], ...schema.anyOf ?? [], ...schema.oneOf ?? []]
  for (const child of children) yield * objectsIn(child, place)
}

t.test('every operation has its own name and its own address', async t => {
  const names = contracts.map(({ operationId }) => operationId)
  t.equal(new Set(names).size, contracts.length)
  const addresses = contracts.map(({ method, url }) => `${method} ${url.replaceAll(/:[A-Za-z]+/g, ':')}`)
  t.equal(new Set(addresses).size, contracts.length)
})

t.test('the list of contracts has every contract that is exported', async t => {
  t.same(unlistedContracts(), [], 'add these to the list in shared/src/contracts/index.ts')
})

t.test('internal operations are not public and live under /internal/', async t => {
  const hidden = contracts.filter(({ access }) => access === 'internal' || access === 'private')
  t.same(hidden.filter(({ url }) => !url.startsWith('/internal/')), [])
  t.same(contracts.filter(({ url }) => url.startsWith('/internal/')), hidden)
  for (const { url, access } of publicContracts) {
    t.match(url, /^\/(v1|\.well-known)\//)
    t.not(access, 'internal')
    t.not(access, 'private')
  }
})

for (const contract of contracts) {
  const { operationId, access, summary, limit, config, schema } = contract

  t.test(`${operationId}: its config repeats the contract for the guard, with roles that exist`, async t => {
    t.same(config, { operationId, access, ...(limit === undefined ? {} : { limit }) })
    for (const role of typeof access === 'string' ? [] : access) t.ok(callerRoles.includes(role), role)
    if (typeof access !== 'string') t.ok(access.length > 0)
  })

  t.test(`${operationId}: its summary is imperative and has no period`, async t => {
    t.match(summary, /^[A-Z][a-z]+ [^.]*[^.]$/, summary)
  })

  t.test(`${operationId}: every object that it accepts is strict or bounds the number of free names`, async t => {
    for (const part of ['params', 'querystring', 'body'] as const) {
      for (const [place, object] of objectsIn((schema[part] ?? {}) as Schema, part)) {
        if (object.propertyNames === undefined) t.equal(object.additionalProperties, false, place)
        else t.type(object.maxProperties, 'number', place)
      }
    }
    t.equal(schema.params === undefined, !contract.url.includes(':'), 'every parameter of the path has a schema')
    t.ok(schema.querystring, 'the query has a schema, even without parameters')
    t.equal(schema.body !== undefined, contract.method !== 'GET')
  })
}

t.test('a schema without a title cannot be used for a page', async t => {
  t.throws(() => Page(Type.Object({})), { message: 'This schema has no title.' })
})

t.test('an Idempotency-Key has 1 to 64 printable characters', async t => {
  const validate = validatorCompiler({ schema: IdempotencyKey, method: 'POST', url: '/', httpPart: 'headers' })
  const accepts = (key: string) => !('error' in (validate({ 'idempotency-key': key }) as object))
  for (const key of ['x', 'a b', '~!"', 'x'.repeat(64)]) t.ok(accepts(key), key)
  for (const key of ['', 'x'.repeat(65), 'a\tb', 'é', '\u007f']) t.notOk(accepts(key), key)
})

t.test('an If-Match has at most 256 characters', async t => {
  const validate = validatorCompiler({ schema: IfMatch, method: 'PATCH', url: '/', httpPart: 'headers' })
  t.same(validate({ 'if-match': '"1"' }), { value: { 'if-match': '"1"' } })
  t.match(validate({ 'if-match': 'x'.repeat(257) }), { error: [{ instancePath: '/if-match' }] })
})
