import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createKeyedMutex } from '../../src/keyed-mutex.ts'

t.test('work for one key runs sequentially, even after a failure; other keys do not wait', async t => {
  const mutex = createKeyedMutex()
  const steps: string[] = []
  const work = (name: string) => async () => {
    steps.push(`${name} begins`)
    await nextTurn()
    steps.push(`${name} ends`)
    if (name === 'a1') throw new Error('a1 failed')
    return name
  }
  const results = await Promise.allSettled([
    mutex('a', work('a1')), mutex('a', work('a2')), mutex('b', work('b')), mutex('a', work('a3'))
  ])
  t.match(results, [{ reason: { message: 'a1 failed' } }, { value: 'a2' }, { value: 'b' }, { value: 'a3' }])
  const ofA = steps.filter(step => step.startsWith('a'))
  t.same(ofA, ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends'])
  t.ok(steps.indexOf('b begins') < steps.indexOf('a1 ends'))
  t.equal(await mutex('a', async () => 'later'), 'later')
})
