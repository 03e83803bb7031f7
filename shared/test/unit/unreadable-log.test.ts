import { createUnreadableLog, UnreadableRow, readRows } from '@laurel/shared/mongo'
import { Registry } from 'prom-client'
import t from 'tap'

const fail = (id: string) => () => { throw new UnreadableRow('rows', id, '/at is not a date') }

t.test('a list counts each row that it omits, and logs its id once', async t => {
  const metrics = new Registry()
  const lines: Array<readonly [object, string]> = []
  const log = { error: (fields: object, message: string) => { lines.push([fields, message]) } }
  const onUnreadable = createUnreadableLog({ metrics, log })
  for (let time = 0; time < 3; time++) t.strictSame(readRows([1], fail('a'), onUnreadable), [])
  t.strictSame(lines, [[{ collection: 'rows', id: 'a' }, 'The row a of rows cannot be read: /at is not a date.']])
  t.match(await metrics.metrics(), 'laurel_unreadable_rows_total{collection="rows"} 3')

  for (let row = 0; row < 10_000; row++) readRows([1], fail(`row ${row}`), onUnreadable)
  readRows([1], fail('a'), onUnreadable)
  t.equal(lines.length, 10_002, 'at most 10,000 ids are remembered')
})

t.test('a list throws errors that do not concern a single row', async t => {
  const broken = (): never => { throw new TypeError('broken') }
  t.throws(() => readRows([1], broken, () => undefined), { message: 'broken' })
})
