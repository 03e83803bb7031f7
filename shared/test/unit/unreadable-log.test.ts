import { createUnreadableLog, UnreadableDocumentError, readDocuments } from '@laurel/shared/mongo'
import { Registry } from 'prom-client'
import t from 'tap'

const fail = (id: string) => () => { throw new UnreadableDocumentError('rows', id, '/at is not a date') }

t.test('a list counts each document that it omits, and logs its id once', async t => {
  const metrics = new Registry()
  const lines: Array<readonly [object, string]> = []
  const log = { error: (fields: object, message: string) => { lines.push([fields, message]) } }
  const onUnreadable = createUnreadableLog({ metrics, log })
  for (let time = 0; time < 3; time++) t.strictSame(readDocuments([1], fail('a'), onUnreadable), [])
  t.strictSame(lines, [[{ collection: 'rows', id: 'a' }, 'The document a of rows cannot be read: /at is not a date.']])
  t.match(await metrics.metrics(), 'laurel_unreadable_rows_total{collection="rows"} 3')

  for (let index = 0; index < 10_000; index++) readDocuments([1], fail(`document ${index}`), onUnreadable)
  readDocuments([1], fail('a'), onUnreadable)
  t.equal(lines.length, 10_002, 'at most 10,000 ids are remembered')
})

t.test('a list throws errors that do not concern a single document', async t => {
  const broken = (): never => { throw new TypeError('broken') }
  t.throws(() => readDocuments([1], broken, () => undefined), { message: 'broken' })
})
