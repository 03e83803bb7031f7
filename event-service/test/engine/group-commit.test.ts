import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createGroupCommit } from '../../src/engine/group-commit.ts'
import { eventually } from '../../../test/kit/eventually.ts'

/** Batches that end when the test lets them. */
function gated (options: Parameters<typeof createGroupCommit>[1]) {
  const batches: number[][] = []
  const doors: Array<() => void> = []
  let areOpen = false
  const submit = createGroupCommit<number, number>(async batch => {
    batches.push(batch.map(({ input }) => input))
    if (!areOpen) await new Promise<void>(resolve => { doors.push(resolve) })
    for (const { input, resolve } of batch) resolve(input * 2)
  }, options)
  return {
    batches,
    submit,
    begun: async (count: number) => { await eventually(async () => batches.length === count) },
    /** Those that wait, and all that come later. */
    openAll: () => {
      areOpen = true
      for (const open of doors) open()
    }
  }
}

t.test('an idle one goes at once with all that came in the same turn; what comes meanwhile goes together', async t => {
  const { batches, submit, begun, openAll } = gated({ maxWeight: 100 })
  const first = [submit(1), submit(2)]
  await begun(1)
  const later = [submit(3), submit(4), submit(5)]
  await sleep(5)
  t.strictSame(batches, [[1, 2]])
  openAll()
  t.strictSame(await Promise.all([...first, ...later]), [2, 4, 6, 8, 10])
  t.strictSame(batches, [[1, 2], [3, 4, 5]])
})

t.test('a batch is no heavier than it may be, but for one that is too heavy by itself', async t => {
  const { batches, submit, openAll } = gated({ maxWeight: 10 })
  const all = [submit(1, 6), submit(2, 4), submit(3, 5), submit(4, 50), submit(5, 1)]
  openAll()
  await Promise.all(all)
  t.strictSame(batches, [[1, 2], [3], [4], [5]])
})

t.test('as many batches at once as are allowed', async t => {
  const { batches, submit, begun, openAll } = gated({ maxWeight: 1, parallel: 2 })
  const all = [submit(1), submit(2), submit(3)]
  await begun(2)
  await sleep(20)
  t.equal(batches.length, 2)
  openAll()
  await Promise.all(all)
  t.equal(batches.length, 3)
})

t.test('503: more than may wait, and what waits too long; the others are served', async t => {
  const { submit, begun, openAll } = gated({ maxWeight: 1, maxWaiting: 1, maxWait: 50 })
  const first = submit(1)
  await begun(1)
  const second = submit(2)
  const busy = { kind: 'unavailable', code: 'TOO_BUSY', extras: { retryAfter: 1 } }
  await t.rejects(submit(3), busy, 'too many')
  await t.rejects(second, busy, 'too long')
  const third = submit(3)
  openAll()
  t.equal(await first, 2)
  t.equal(await third, 6)
})

t.test('what a batch throws is told to all of it, and the next one is not spoiled', async t => {
  let isDown = true
  const submit = createGroupCommit<number, number>(async batch => {
    if (isDown) throw new Error('no database')
    for (const { input, resolve } of batch) resolve(input)
  }, { maxWeight: 10 })
  const results = await Promise.allSettled([submit(1), submit(2)])
  t.strictSame(results.map(({ status }) => status), ['rejected', 'rejected'])
  isDown = false
  t.equal(await submit(3), 3)
})
