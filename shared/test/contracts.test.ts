import { callerRoles, contracts, IdempotencyKey, IfMatch, publicContracts } from '@laurel/shared/contracts'
import { validatorCompiler } from '@laurel/shared/http'
import t from 'tap'

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

/** Every object that a request may hold, with its place. */
function * objectsIn (schema: Schema, place: string): Generator<readonly [string, Schema]> {
  if (schema.properties !== undefined || schema.propertyNames !== undefined) yield [place, schema]
  for (const [name, child] of Object.entries(schema.properties ?? {})) yield * objectsIn(child, `${place}/${name}`)
  for (const child of [...schema.items === undefined ? [] : [schema.items], ...schema.anyOf ?? [], ...schema.oneOf ?? []]) yield * objectsIn(child, place)
}

t.test('every operation has a name and an address of its own', async t => {
  t.equal(new Set(contracts.map(({ operationId }) => operationId)).size, contracts.length)
  t.equal(new Set(contracts.map(({ method, url }) => `${method} ${url.replaceAll(/:[A-Za-z]+/g, ':')}`)).size, contracts.length)
})

t.test('what is internal is not public, and its address says so', async t => {
  t.same(contracts.filter(({ access }) => access === 'internal' || access === 'private').map(({ url }) => url.startsWith('/internal/')), [true, true, true])
  for (const { url, access } of publicContracts) {
    t.match(url, /^\/(v1|\.well-known)\//)
    t.not(access, 'internal')
    t.not(access, 'private')
  }
})

for (const contract of contracts) {
  const { operationId, access, limit, config, schema } = contract

  t.test(`${operationId}: what the guard reads is what the contract says, with roles that exist`, async t => {
    t.same(config, { operationId, access, ...(limit === undefined ? {} : { limit }) })
    for (const role of typeof access === 'string' ? [] : access) t.ok(callerRoles.includes(role), role)
    if (typeof access !== 'string') t.ok(access.length > 0)
  })

  t.test(`${operationId}: every object that it takes is strict, or holds a bounded number of free names`, async t => {
    for (const part of ['params', 'querystring', 'body'] as const) {
      for (const [place, object] of objectsIn((schema[part] ?? {}) as Schema, part)) {
        if (object.propertyNames === undefined) t.equal(object.additionalProperties, false, place)
        else t.type(object.maxProperties, 'number', place)
      }
    }
    t.equal(schema.params === undefined, !contract.url.includes(':'), 'every part of its path has a schema')
    t.ok(schema.querystring, 'also where it reads no parameter')
    t.equal(schema.body !== undefined, contract.method !== 'GET')
  })
}

t.test('an Idempotency-Key is 1 to 64 printable characters', async t => {
  const validate = validatorCompiler({ schema: IdempotencyKey, method: 'POST', url: '/', httpPart: 'headers' })
  const takes = (key: string) => !('error' in (validate({ 'idempotency-key': key }) as object))
  for (const key of ['x', 'a b', '~!"', 'x'.repeat(64)]) t.ok(takes(key), key)
  for (const key of ['', 'x'.repeat(65), 'a\tb', 'é', '\u007f']) t.notOk(takes(key), key)
})

t.test('an If-Match is bounded', async t => {
  const validate = validatorCompiler({ schema: IfMatch, method: 'PATCH', url: '/', httpPart: 'headers' })
  t.same(validate({ 'if-match': '"1"' }), { value: { 'if-match': '"1"' } })
  t.match(validate({ 'if-match': 'x'.repeat(257) }), { error: [{ instancePath: '/if-match' }] })
})
