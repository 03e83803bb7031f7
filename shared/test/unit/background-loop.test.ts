import { setImmediate as nextTurn } from 'node:timers/promises'
import { createBackgroundLoop } from '@laurel/shared/background-loop'
import t from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'

t.test('steps follow one another, each after the delay that the previous one returned', async t => {
  let steps = 0
  const loop = createBackgroundLoop(1, async () => {
    steps += 1
    return steps < 3 ? 1 : 3_600_000
  })
  await nextTurn()
  t.equal(steps, 0, 'it is not started')
  loop.start()
  await eventually(async () => steps === 3)
  t.notOk(loop.isClosed())
  await loop.close()
  t.ok(loop.isClosed())
})

t.test('close waits for the step in progress, and no other one starts', async t => {
  let [steps, isEnded] = [0, false]
  let end = (): void => undefined
  const loop = createBackgroundLoop(0, async () => {
    steps += 1
    await new Promise<void>(resolve => { end = resolve })
    isEnded = true
    return 0
  })
  loop.start()
  await eventually(async () => steps === 1)
  const closed = loop.close()
  end()
  await closed
  t.ok(isEnded)
  loop.start()
  // A loop that continued would run a step after 1 ms.
  await new Promise(resolve => setTimeout(resolve, 2))
  t.equal(steps, 1)
})
