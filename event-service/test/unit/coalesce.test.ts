import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { coalesce } from '../../src/coalesce.ts'

interface Read {
  readonly question: string
  readonly end: (answer: string) => void
  readonly fail: (error: Error) => void
}

/** Reads that the test finishes explicitly. */
function createSlowRead () {
  const reads: Read[] = []
  const read = coalesce(async (question: string) => await new Promise<string>((resolve, reject) => {
    reads.push({ question, end: resolve, fail: reject })
  }))
  return { reads, read }
}

t.test('callers with the same query during a read share one read that starts afterward', async t => {
  const { reads, read } = createSlowRead()
  const first = [read('a'), read('a')]
  t.equal(reads.length, 0, 'it waits for the end of the event loop iteration')
  await nextTurn()
  t.equal(reads.length, 1)

  const later = [read('a'), read('a'), read('a')]
  await nextTurn()
  t.equal(reads.length, 1, 'a read that started before the call is not shared')
  reads[0]?.end('old')
  t.same(await Promise.all(first), ['old', 'old'])
  await nextTurn()
  t.equal(reads.length, 2)
  reads[1]?.end('new')
  t.same(await Promise.all(later), ['new', 'new', 'new'])
})

t.test('other queries do not wait', async t => {
  const { reads, read } = createSlowRead()
  const answers = [read('a'), read('b')]
  await nextTurn()
  t.same(reads.map(({ question }) => question), ['a', 'b'])
  for (const { question, end } of reads) end(question.toUpperCase())
  t.same(await Promise.all(answers), ['A', 'B'])
})

t.test('a read that fails rejects only the callers that share it', async t => {
  const { reads, read } = createSlowRead()
  const failing = [read('a'), read('a')].map(async answer => await t.rejects(answer, { message: 'away' }))
  const other = read('b')
  await nextTurn()
  const later = read('a')
  reads[0]?.fail(new Error('away'))
  await Promise.all(failing)
  reads[1]?.end('B')
  t.equal(await other, 'B')
  await nextTurn()
  reads[2]?.end('back')
  t.equal(await later, 'back')
})
