import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Failed } from '../../src/batch.ts'
import { createGroupCommit, deferFor, Deferred } from '../../src/engine/group-commit.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'

/** Batches that finish when the test opens their gates. */
function createGated (options: Parameters<typeof createGroupCommit>[1]) {
  const batches: Array<readonly number[]> = []
  const gates: Array<() => void> = []
  let areOpen = false
  const submit = createGroupCommit<number, number>(async requests => {
    batches.push(requests)
    if (!areOpen) await new Promise<void>(resolve => { gates.push(resolve) })
    return requests.map(request => request * 2)
  }, options)
  return {
    batches,
    submit,
    begun: async (count: number) => { await eventually(async () => batches.length === count) },
    /** Opens the gates of all batches, including later ones. */
    openAll: () => {
      areOpen = true
      for (const open of gates) open()
    }
  }
}

t.test('a batch starts immediately if none is in flight; later requests form the next one', async t => {
  const { batches, submit, begun, openAll } = createGated({ maxWeight: 100 })
  const first = [submit(1), submit(2)]
  await begun(1)
  const later = [submit(3), submit(4), submit(5)]
  await sleep(5)
  t.strictSame(batches, [[1, 2]])
  openAll()
  t.strictSame(await Promise.all([...first, ...later]), [2, 4, 6, 8, 10])
  t.strictSame(batches, [[1, 2], [3, 4, 5]])
})

t.test('a batch does not exceed the maximum weight, unless a single request does', async t => {
  const { batches, submit, openAll } = createGated({ maxWeight: 10 })
  const all = [submit(1, 6), submit(2, 4), submit(3, 5), submit(4, 50), submit(5, 1)]
  openAll()
  await Promise.all(all)
  t.strictSame(batches, [[1, 2], [3], [4], [5]])
})

t.test('the number of batches in flight is limited', async t => {
  const { batches, submit, begun, openAll } = createGated({ maxWeight: 1, parallel: 2 })
  const all = [submit(1), submit(2), submit(3)]
  await begun(2)
  await sleep(20)
  t.equal(batches.length, 2)
  openAll()
  await Promise.all(all)
  t.equal(batches.length, 3)
})

t.test('a second batch starts while another one is in flight if enough requests are waiting', async t => {
  const options = { maxWeight: 100, parallel: 2, overlapThreshold: 3, slowAfter: 60_000 }
  const { batches, submit, begun, openAll } = createGated(options)
  const all = [submit(1)]
  await begun(1)
  all.push(submit(2), submit(3))
  await sleep(20)
  t.strictSame(batches, [[1]])
  all.push(submit(4))
  await begun(2)
  t.strictSame(batches, [[1], [2, 3, 4]])
  openAll()
  await Promise.all(all)
})

t.test('a slow batch does not delay later requests', async t => {
  const options = { maxWeight: 100, parallel: 2, overlapThreshold: 100, slowAfter: 5 }
  const { batches, submit, begun, openAll } = createGated(options)
  const all = [submit(1)]
  await begun(1)
  all.push(submit(2))
  await begun(2)
  t.strictSame(batches, [[1], [2]])
  openAll()
  await Promise.all(all)
})

t.test('while a batch hangs, later requests are processed in further batches', async t => {
  const hung: Array<() => void> = []
  const submit = createGroupCommit<number, number>(async requests => {
    if (requests.includes(1)) await new Promise<void>(resolve => { hung.push(resolve) })
    return requests
  }, { maxWeight: 100, parallel: 2, overlapThreshold: 100, slowAfter: 5 })
  const first = submit(1)
  await eventually(async () => hung.length === 1)
  for (const request of [2, 3, 4]) t.equal(await submit(request), request)
  hung[0]?.()
  t.equal(await first, 1)
})

t.test('503 if too many requests are waiting or one waits too long; the others are processed', async t => {
  const { submit, begun, openAll } = createGated({ maxWeight: 1, maxWaiting: 1, maxWait: 50 })
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

t.test('a request that fails does not affect the rest of its batch', async t => {
  const submit = createGroupCommit<number, number>(async requests =>
    requests.map(request => request === 2 ? new Failed(new Error('two')) : request), { maxWeight: 10 })
  const results = await Promise.allSettled([submit(1), submit(2), submit(3)])
  t.match(results, [{ value: 1 }, { reason: { message: 'two' } }, { value: 3 }])
})

t.test('a deferred request is put into a later batch, in its new form and with its weight', async t => {
  const batches: Array<readonly number[]> = []
  const submit = createGroupCommit<number, string>(async requests => {
    batches.push(requests)
    return requests.map(request => request < 10 ? deferFor(5, request + 10) : `done ${request}`)
  }, { maxWeight: 4 })
  t.strictSame(await Promise.all([submit(1, 3), submit(2, 3), submit(13)]), ['done 11', 'done 12', 'done 13'])
  t.ok(batches.every(batch => !(batch.includes(11) && batch.includes(12))), 'together they are too heavy')
})

t.test('a tracer runs each batch with the spans of its requests, and a deferred request keeps its span', async t => {
  const runs: Array<readonly unknown[]> = []
  let requests = 0
  const submit = createGroupCommit<number, string>(async requests =>
    requests.map(request => request < 10 ? deferFor(5, request + 10) : `done ${request}`), {
    maxWeight: 10,
    tracer: {
      currentSpan: () => ({ request: ++requests }),
      async run (spans, batch) {
        runs.push(spans)
        return await batch()
      }
    }
  })
  t.strictSame(await Promise.all([submit(10), submit(1), submit(12)]), ['done 10', 'done 11', 'done 12'])
  t.strictSame(runs, [[{ request: 1 }, { request: 2 }, { request: 3 }], [{ request: 2 }]])
})

t.test('a deferred request fails if it cannot be resumed', async t => {
  const submit = createGroupCommit<number, number>(async requests =>
    requests.map(() => new Deferred<number>(async () => { throw new Error('no history') })), { maxWeight: 10 })
  await t.rejects(submit(1), { message: 'no history' })
})

t.test('a batch that throws fails all its requests; the next batch is not affected', async t => {
  let isDown = true
  const submit = createGroupCommit<number, number>(async requests => {
    if (isDown) throw new Error('no database')
    return requests
  }, { maxWeight: 10 })
  const results = await Promise.allSettled([submit(1), submit(2)])
  t.strictSame(results.map(({ status }) => status), ['rejected', 'rejected'])
  isDown = false
  t.equal(await submit(3), 3)
})

t.test('a batch without an outcome for each request fails, so that no request waits forever', async t => {
  const submit = createGroupCommit<number, number>(async requests => requests.slice(1), { maxWeight: 10 })
  const results = await Promise.allSettled([submit(1), submit(2)])
  t.strictSame(results.map(({ status }) => status), ['rejected', 'rejected'])
})
