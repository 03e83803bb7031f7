import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import t from 'tap'
import { createSharedRead } from '../src/shared-read.ts'

/** A read that ends when it is told to. */
function slowRead () {
  const begun: Array<{ question: string, end: (answer: string) => void, fail: (error: Error) => void }> = []
  const read = createSharedRead(async (question: string) => await new Promise<string>((resolve, reject) => { begun.push({ question, end: resolve, fail: reject }) }))
  return { begun, read }
}

t.test('who asks the same at once, or while a read is under way, is told by one read that begins afterwards', async t => {
  const { begun, read } = slowRead()
  const first = [read('a'), read('a')]
  t.equal(begun.length, 0, 'it waits for the turn to end')
  await turnOfTheLoop()
  t.equal(begun.length, 1)

  const later = [read('a'), read('a'), read('a')]
  await turnOfTheLoop()
  t.equal(begun.length, 1, 'what began before the question answers nobody')
  begun[0]?.end('old')
  t.same(await Promise.all(first), ['old', 'old'])
  await turnOfTheLoop()
  t.equal(begun.length, 2)
  begun[1]?.end('new')
  t.same(await Promise.all(later), ['new', 'new', 'new'])
})

t.test('other questions do not wait', async t => {
  const { begun, read } = slowRead()
  const answers = [read('a'), read('b')]
  await turnOfTheLoop()
  t.same(begun.map(({ question }) => question), ['a', 'b'])
  for (const { question, end } of begun) end(question.toUpperCase())
  t.same(await Promise.all(answers), ['A', 'B'])
})

t.test('a read that fails is told to all who shared it; the next ones read anew', async t => {
  const { begun, read } = slowRead()
  const failing = [read('a'), read('a')].map(async answer => await t.rejects(answer, { message: 'away' }))
  await turnOfTheLoop()
  const later = read('a')
  begun[0]?.fail(new Error('away'))
  await Promise.all(failing)
  await turnOfTheLoop()
  begun[1]?.end('back')
  t.equal(await later, 'back')
})
