import { mock } from 'node:test'
import t from 'tap'
import { createCountCache } from '../../src/cached-counts.ts'

const start = Date.UTC(2026, 10, 21)
const eventOf = (id: string) => ({ id, timeZone: 'UTC', dayStartsAt: '00:00' })
const anEvent = eventOf('an event')

/**
 * Returns counts with a simulated clock. Each count takes `cost` milliseconds and is one higher than the previous one.
 */
function counter (cost = 0) {
  const asked: string[] = []
  return {
    asked,
    counts: createCountCache(async ({ id }) => {
      asked.push(id)
      mock.timers.tick(cost)
      return { granted: asked.length, held: 3 }
    })
  }
}

t.test('counts', async t => {
  t.beforeEach(() => { mock.timers.enable({ apis: ['Date'], now: start }) })
  t.afterEach(() => { mock.timers.reset() })

  await t.test('a count has the time at which it started', async t => {
    t.strictSame(await counter(100).counts.get(anEvent), { granted: 1, held: 3, asOf: new Date(start) })
  })

  await t.test('a count is cached for ten times its cost', async t => {
    const { counts, asked } = counter(100)
    await counts.get(anEvent)
    mock.timers.setTime(start + 999)
    t.strictSame(await counts.get(anEvent), { granted: 1, held: 3, asOf: new Date(start) })
    mock.timers.setTime(start + 1000)
    t.strictSame(await counts.get(anEvent), { granted: 2, held: 3, asOf: new Date(start + 1000) })
    t.equal(asked.length, 2)
  })

  await t.test('a count is never older than 5 s, regardless of its cost', async t => {
    const { counts } = counter(2000)
    await counts.get(anEvent)
    mock.timers.setTime(start + 4999)
    t.equal((await counts.get(anEvent)).granted, 1)
    mock.timers.setTime(start + 5000)
    t.equal((await counts.get(anEvent)).granted, 2)
  })

  await t.test('with a maximum age of 0, nothing is cached', async t => {
    let counted = 0
    const counts = createCountCache(async () => {
      mock.timers.tick(100)
      return { granted: ++counted }
    }, 0)
    t.equal((await counts.get(anEvent)).granted, 1)
    t.equal((await counts.get(anEvent)).granted, 2)
  })

  await t.test('concurrent readers of an event share one count', async t => {
    const { counts, asked } = counter()
    const found = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => await counts.get(eventOf(index % 2 === 0 ? 'one' : 'other')))
    )
    t.strictSame(asked, ['one', 'other'])
    t.strictSame(found.map(({ granted }) => granted), Array.from({ length: 25 }, () => [1, 2]).flat())
  })

  await t.test('a failed count fails for all waiting readers and is not cached', async t => {
    let isDown = true
    const counts = createCountCache(async () => {
      if (isDown) throw new Error('no database')
      return { granted: 7, held: 0 }
    })
    const failed = await Promise.allSettled([counts.get(anEvent), counts.get(anEvent)])
    t.strictSame(failed.map(({ status }) => status), ['rejected', 'rejected'])
    isDown = false
    t.equal((await counts.get(anEvent)).granted, 7)
  })

  await t.test('at most 10,000 counts are cached', async t => {
    const { counts, asked } = counter(1)
    mock.timers.setTime(start)
    const read = async (eventId: string) => {
      await counts.get(eventOf(eventId))
      // The clock does not advance, so that no count expires.
      mock.timers.setTime(start)
    }
    for (let event = 0; event < 10_000; event++) await read(`event ${event}`)
    await read('event 0')
    t.equal(asked.length, 10_000)
    await read('one more')
    await read('event 0')
    t.equal(asked.length, 10_002)
  })
})
