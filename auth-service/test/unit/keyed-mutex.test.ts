import t from 'tap'
import { createKeyedMutex } from '../../src/login-throttle/keyed-mutex.ts'

t.test('tasks with the same key run one after the other, and a failed one does not stop the next', async t => {
  const inTurn = createKeyedMutex()
  const log: string[] = []
  const task = (name: string) => async (): Promise<string> => {
    log.push(`${name} begins`)
    await new Promise(resolve => { setImmediate(resolve) })
    log.push(`${name} ends`)
    if (name === 'a1') throw new Error(name)
    return name
  }
  const results = await Promise.allSettled([
    inTurn('a', task('a1')), inTurn('a', task('a2')), inTurn('b', task('b1')), inTurn('a', task('a3'))
  ])
  t.same(results.map(({ status }) => status), ['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  t.same(log.filter(line => line.startsWith('a')), [
    'a1 begins', 'a1 ends', 'a2 begins', 'a2 ends', 'a3 begins', 'a3 ends'
  ])
  t.ok(log.indexOf('b1 begins') < log.indexOf('a1 ends'), 'another key does not wait')
})
