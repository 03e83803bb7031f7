import { readFileSync } from 'node:fs'
import { IdempotencyKey, publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { clientOperations } from '../../../scripts/client-operations.ts'
import { operations } from '../../src/operations.ts'

t.test('the table of operations matches the contracts', async t => {
  const path = 'client/src/operations.ts'
  t.equal(readFileSync(path, 'utf8'), clientOperations(publicContracts), `${path}: npm run readme`)
})

t.test('the client has every public operation with its method and path', async t => {
  t.same(
    Object.entries(operations).map(([id, { method, path }]) => `${id}: ${method} ${path}`),
    publicContracts.map(({ operationId, method, url }) => `${operationId}: ${method} ${url}`)
  )
})

t.test('the table shows which operations accept a key, are safe to repeat, and have a query and a body', async t => {
  const all = Object.entries(operations)
  t.same(all.flatMap(([id, { acceptsIdempotencyKey }]) => acceptsIdempotencyKey === true ? [id] : []), publicContracts
    .filter(({ schema }) => schema.headers === IdempotencyKey).map(({ operationId }) => operationId))
  t.same(all.flatMap(([id, { repeatable }]) => repeatable === true ? [id] : []).sort(), [
    'acknowledgeDelivery', 'eraseUser', 'evaluateEvent', 'ingestActivities', 'issueClientToken', 'refresh',
    'simulateEvent'
  ])
  t.same(Object.fromEntries(all.flatMap(([id, { query }]) => query === undefined ? [] : [[id, query]])), {
    simulateEvent: ['users'], grantRewards: ['dryRun'], ingestActivities: ['dryRun']
  })
})

t.test('docs/api.md names the operations that accept an Idempotency-Key', async t => {
  const [, list = ''] = /\*\*`Idempotency-Key`\*\* on ([^:]+):/.exec(readFileSync('docs/api.md', 'utf8')) ?? []
  const accepting = publicContracts.filter(({ schema }) => schema.headers === IdempotencyKey)
  const names = accepting.map(({ operationId }) => operationId)
  t.same(list.split(/,\s+|\s+and\s+/).sort(), names.sort(), 'correct the list under "Conventions"')
})
