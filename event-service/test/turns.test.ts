import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import t from 'tap'
import { createTurns } from '../src/turns.ts'

t.test('what is about one thing runs one after the other, also after one that failed; other things do not wait', async t => {
  const turns = createTurns()
  const steps: string[] = []
  const act = (name: string) => async () => {
    steps.push(`${name} begins`)
    await turnOfTheLoop()
    steps.push(`${name} ends`)
    if (name === 'a1') throw new Error('a1 failed')
    return name
  }
  const results = await Promise.allSettled([turns('a', act('a1')), turns('a', act('a2')), turns('b', act('b')), turns('a', act('a3'))])
  t.match(results, [{ reason: { message: 'a1 failed' } }, { value: 'a2' }, { value: 'b' }, { value: 'a3' }])
  t.same(steps.filter(step => step.startsWith('a')), ['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends'])
  t.ok(steps.indexOf('b begins') < steps.indexOf('a1 ends'))
  t.equal(await turns('a', async () => 'later'), 'later')
})
