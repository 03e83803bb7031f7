import t from 'tap'
import { createClockCheck } from '../../src/tokens/clock-check.ts'

const now = () => Math.floor(Date.now() / 1000)

function start () {
  const logged: number[] = []
  const check = createClockCheck({ warn: ({ seconds }: { seconds: number }) => { logged.push(seconds) } } as never)
  return { logged, check }
}

t.test('a clock difference is logged once per minute', async t => {
  const { logged, check } = start()
  const ahead = { iat: now() + 90, exp: now() + 150 }
  check(ahead)
  check(ahead)
  t.equal(logged.length, 1)
  t.ok(Math.abs(Number(logged[0]) - 90) <= 1)
})

t.test('a token that has expired shows that a clock is behind', async t => {
  const { logged, check } = start()
  check({ iat: now() - 90, exp: now() - 30 })
  t.ok(Math.abs(Number(logged[0]) - 30) <= 1)
})

t.test('a normal token is not logged', async t => {
  const { logged, check } = start()
  check({ iat: now() + 1, exp: now() + 60 })
  check({ iat: now() - 59, exp: now() + 1 })
  t.same(logged, [])
})
