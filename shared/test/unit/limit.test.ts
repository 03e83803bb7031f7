import t from 'tap'
import { createLimit } from '../../src/mongo/limit.ts'

/** An operation that the test finishes explicitly. */
function createWork () {
  const ends: Array<() => void> = []
  const work = async () => await new Promise<string>(resolve => { ends.push(() => { resolve('done') }) })
  return { ends, work }
}

t.test('the number of concurrent operations is limited; the next one starts when one ends, in order', async t => {
  const limit = createLimit({ concurrent: 2, maxWait: 10_000 })
  const { ends, work } = createWork()
  const all = [limit(work), limit(work), limit(work), limit(work)]
  await new Promise(setImmediate)
  t.equal(ends.length, 2)
  ends[0]?.()
  t.equal(await all[0], 'done')
  await new Promise(setImmediate)
  t.equal(ends.length, 3)
  for (const end of ends) end()
  await all[2]
  await new Promise(setImmediate)
  ends[3]?.()
  t.strictSame(await Promise.all(all), ['done', 'done', 'done', 'done'])
  t.equal(await limit(async () => 'later'), 'later')
})

t.test('503 for an operation that waits too long; it does not occupy a slot', async t => {
  const limit = createLimit({ concurrent: 1, maxWait: 20 })
  const { ends, work } = createWork()
  const first = limit(work)
  const busy = { kind: 'unavailable', code: 'TOO_BUSY', extras: { retryAfter: 1 } }
  await t.rejects(limit(work), busy)
  ends[0]?.()
  t.equal(await first, 'done')
  t.equal(await limit(async () => 'next'), 'next')
})

t.test('a failed operation frees its slot for the next one', async t => {
  const limit = createLimit({ concurrent: 1, maxWait: 10_000 })
  await t.rejects(limit(async () => { throw new Error('away') }), { message: 'away' })
  t.equal(await limit(async () => 'next'), 'next')
})
