import t from 'tap'
import { Failed, groupBy, inOrder, isolate, isolateAsync, mapIsolated, zip } from '../../src/batch.ts'

t.test('work that throws becomes a failed outcome; otherwise, the outcome is the result', async t => {
  const error = new Error('broken')
  const fail = (): never => { throw error }
  t.equal(isolate(() => 1), 1)
  t.strictSame(isolate(fail), new Failed(error))
  t.equal(await isolateAsync(async () => 1), 1)
  t.strictSame(await isolateAsync(async () => fail()), new Failed(error))
})

t.test('items are paired with their outcomes; too few or too many outcomes are an error', async t => {
  t.strictSame(zip(['a', 'b'], [1, 2]), [['a', 1], ['b', 2]])
  t.throws(() => zip(['a', 'b'], [1]), { message: 'A batch of 2 items has 1 outcomes.' })
  t.throws(() => zip([], [1]), RangeError)
})

t.test('groups and their items keep their order', async t => {
  const groups = groupBy(['b1', 'a1', 'b2', 'c1', 'a2'], ([letter = '']) => letter)
  t.strictSame([...groups.values()], [['b1', 'b2'], ['a1', 'a2'], ['c1']])
})

t.test('outcomes are returned in the order of the items', async t => {
  const placed = [{ index: 2, outcome: 'c' }, { index: 0, outcome: 'a' }, { index: 1, outcome: 'b' }]
  t.strictSame(inOrder(placed), ['a', 'b', 'c'])
})

t.test('items are processed a few at a time, and items with the same key one at a time', async t => {
  const inProgress = new Set<string>()
  let most = 0
  const outcomes = await mapIsolated(['a1', 'b1', 'a2', 'c1', 'd!'], ([key = '']) => key, 2, async item => {
    const [key = ''] = item
    t.notOk(inProgress.has(key), `no other work is running for ${key}`)
    most = Math.max(most, inProgress.add(key).size)
    await new Promise(setImmediate)
    inProgress.delete(key)
    if (item === 'd!') throw new Error('broken')
    return item.toUpperCase()
  })
  t.strictSame(outcomes, ['A1', 'B1', 'A2', 'C1', new Failed(new Error('broken'))])
  t.equal(most, 2)
})
