import { Condition, NewReward, openapiVariants } from '@laurel/shared/contracts'
import { validatorCompiler } from '@laurel/shared/http'
import fc from 'fast-check'
import t from 'tap'
import { assertProperty } from '../../../test/kit/run/property.ts'

type Schema = Record<string, unknown>

/** Returns a schema in which every named schema is a reference to its variant. */
function withReferences (value: unknown, isTop = false): unknown {
  if (Array.isArray(value)) return value.map(item => withReferences(item))
  if (typeof value !== 'object' || value === null) return value
  const { title } = value as Schema
  if (!isTop && typeof title === 'string' && title in openapiVariants) return { $ref: `#/$defs/${title}` }
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, withReferences(child)]))
}

const $defs = Object.fromEntries(Object.entries(openapiVariants).map(([name, schema]) => {
  // Ajv does not support `mapping`, but OpenAPI requires it.
  const { discriminator, ...rest } = JSON.parse(JSON.stringify(schema)) as Schema
  return [name, withReferences(rest, true)]
}))

/** Returns whether a schema accepts a value. */
function accepts (schema: object) {
  const validate = validatorCompiler({ schema, method: 'POST', url: '/', httpPart: 'body' })
  return (value: unknown) => !('error' in (validate(structuredClone(value)) as object))
}

const where = fc.record({
  property: fc.constant('level'),
  op: fc.constantFrom('eq', 'in', 'not'),
  value: fc.constantFrom(7, 'x', [7, 'x'], [], null)
})

const validLeaf = fc.record({
  aggregation: fc.constantFrom('count', 'sum'), activity: fc.constant('quest.cleared'), target: fc.integer({ min: 1 })
})

const anyLeaf = fc.record({
  aggregation: fc.constantFrom('count', 'unique_count', 'unknown'),
  activity: fc.constantFrom('quest.cleared', '', 7),
  property: fc.constantFrom('questId', 'constructor'),
  where: fc.array(where, { maxLength: 2 }),
  target: fc.constantFrom(1, 0, 1.5, 3_000_000_000, '1'),
  other: fc.constant(1)
}, { requiredKeys: [] })

/** Conditions of at most three levels, valid and invalid. */
const condition = fc.letrec<{ node: unknown }>(tie => {
  const children = fc.array(tie('node'), { maxLength: 3 })
  const all = fc.record({ all: children })
  const any = fc.record({ any: children })
  const both = fc.record({ all: children, any: children }, { requiredKeys: [] })
  return {
    node: fc.oneof(
      { maxDepth: 2 },
      { weight: 8, arbitrary: validLeaf }, { weight: 2, arbitrary: anyLeaf },
      { weight: 4, arbitrary: all }, { weight: 4, arbitrary: any }, { weight: 1, arbitrary: both }
    )
  }
}).node

t.test('the condition of the OpenAPI document accepts what the validator accepts', async t => {
  const [validator, document] = [accepts(Condition), accepts({ $ref: '#/$defs/Condition', $defs })]
  let accepted = 0
  assertProperty(fc.property(condition, value => {
    if (validator(value)) accepted++
    return validator(value) === document(value)
  }), 5000)
  t.ok(accepted > 100, `${accepted} of them are valid`)
})

const reward = fc.record({
  type: fc.constantFrom('POINT', 'CURRENCY', 'ITEM', 'COUPON', 'POINT', 'CURRENCY', 'GOLD', undefined),
  name: fc.constantFrom('500 points', '500 points', ' '),
  amount: fc.constantFrom(1, 500, 1, 0),
  currency: fc.constant('gems'),
  itemId: fc.constant('sword-7'),
  stock: fc.constantFrom(1000, null, -1)
}, { requiredKeys: ['type', 'name', 'amount'] })

t.test('the reward of the OpenAPI document accepts what the validator accepts', async t => {
  const [validator, document] = [accepts(NewReward), accepts({ $ref: '#/$defs/NewReward', $defs })]
  let accepted = 0
  assertProperty(fc.property(reward, value => {
    if (validator(value)) accepted++
    return validator(value) === document(value)
  }), 5000)
  t.ok(accepted > 10, `${accepted} of them are valid`)
})
