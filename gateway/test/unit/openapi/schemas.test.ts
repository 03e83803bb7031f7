import { publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { createComponents } from '../../../src/openapi/components.ts'
import { createDocument } from '../../../src/openapi/document.ts'

// The assertions examine schemas of any shape.
const document = createDocument(publicContracts) as any

interface Schema {
  readonly type?: string
  readonly format?: string
  readonly $ref?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly parameters?: ReadonlyArray<{ readonly name: string, readonly description: string }>
}

/** Yields every object in a part of the document, with its location. */
function * schemasIn (value: unknown, place: string): Generator<readonly [string, Schema]> {
  if (typeof value !== 'object' || value === null) return
  yield [place, value]
  for (const [name, child] of Object.entries(value)) {
    if (!['example', 'examples', 'if', 'then'].includes(name)) yield * schemasIn(child, `${place}/${name}`)
  }
}

t.test('every schema, field, and parameter has a description, and every integer a format', async t => {
  for (const [name, { description }] of Object.entries(document.components.schemas as Record<string, Schema>)) {
    t.match(description, /^[A-Z`].*[.]$/s, `${name} has a description that is a sentence`)
  }
  for (const [place, { type, format, properties = {} }] of schemasIn(document, '')) {
    if (type === 'integer') t.match(format, /^int(32|64)$/, `${place} is Int32 or Int64`)
    for (const [name, field] of type === 'object' ? Object.entries(properties) : []) {
      t.ok(field.description ?? field.$ref, `${place}/${name} has a description`)
    }
  }
  for (const [place, { parameters = [] }] of schemasIn(document.paths, '')) {
    for (const { name, description } of parameters) {
      t.match(description, /[.]$/, `${place} ${name} has a description that is a sentence`)
    }
  }
})

t.test('integers that can exceed 2^31 are int64', async t => {
  const { Wallet, CurrencyBalance, Leaf, Reward } = document.components.schemas
  for (const schema of [
    Wallet.properties.points, CurrencyBalance.properties.amount, Leaf.properties.target, Reward.properties.granted
  ]) t.equal(schema.format, 'int64')
})

t.test('a condition is a recursive choice of named schemas, and so is its progress', async t => {
  const { Condition, All, Progress, AllProgress, Event } = document.components.schemas
  const choice = (...names: string[]) => names.map(name => ({ $ref: `#/components/schemas/${name}` }))
  t.same(Condition.oneOf, choice('Leaf', 'All', 'Any'))
  t.match(Condition.description, /at most 3 levels.*at most 10 leaves/)
  t.same([All.properties.all.items], choice('Condition'))
  t.same(Progress.oneOf, choice('LeafProgress', 'AllProgress', 'AnyProgress'))
  t.same([AllProgress.properties.all.items], choice('Progress'))
  t.same(Event.properties.condition.anyOf, [...choice('Condition'), { type: 'null' }])
})

t.test('the problem document of a refused claim contains the progress and the claim', async t => {
  const { ClaimProblem } = document.components.schemas
  t.match(ClaimProblem.properties, { progress: { anyOf: [{}, { type: 'null' }] }, claim: { $ref: /Claim$/ } })
  const conflict = document.paths['/v1/events/{eventId}/claims'].post.responses[409]
  t.same(conflict.content['application/problem+json'].schema, { $ref: '#/components/schemas/ClaimProblem' })
})

t.test('two different schemas cannot share a title', async t => {
  const { describe } = createComponents()
  describe({ title: 'Thing', type: 'string' })
  t.same(describe({ title: 'Thing', type: 'string' }), { $ref: '#/components/schemas/Thing' })
  const message = 'Two different schemas have the title Thing.'
  t.throws(() => describe({ title: 'Thing', type: 'number' }), { message })
})
