import { StartupError } from '@laurel/shared/errors'
import t from 'tap'
import { requireFullIcu, waitUntilAvailable } from '../../src/startup.ts'

function waiting (startupTimeout: number) {
  const lines: object[] = []
  const log = { info: (fields: object, line: string) => { lines.push({ ...fields, line }) } } as never
  const giveUp = ({ message }: Error) => new StartupError(`gave up: ${message}`)
  return { lines, options: { name: 'the database', log, startupTimeout, giveUp } }
}

t.test('it waits until an attempt succeeds, and logs once what it waits for', async t => {
  const { lines, options } = waiting(60_000)
  let attempts = 0
  const result = await waitUntilAvailable(async () => {
    attempts += 1
    if (attempts < 4) throw new Error('not yet:\n  port 27017')
    return 'ready'
  }, options)
  t.equal(result, 'ready')
  t.equal(attempts, 4)
  t.same(lines, [{ reason: 'not yet: port 27017', line: 'waiting for the database' }], 'no stack')
})

t.test('it waits without a logger', async t => {
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    if (attempts < 2) throw new Error('not yet')
    return 'ready'
  }
  t.equal(await waitUntilAvailable(attempt, { ...waiting(60_000).options, log: undefined }), 'ready')
})

t.test('it gives up after its timeout, with the last error', async t => {
  const { lines, options } = waiting(300)
  let attempts = 0
  const error = { name: 'StartupError', message: 'gave up: away' }
  await t.rejects(waitUntilAvailable(async () => {
    attempts += 1
    throw new Error('away')
  }, options), error)
  t.ok(attempts > 1)
  t.equal(lines.length, 1)
})

t.test('it does not retry after a StartupError', async t => {
  const { lines, options } = waiting(60_000)
  const attempt = async () => { throw new StartupError('another index has this name') }
  await t.rejects(waitUntilAvailable(attempt, options), { message: 'another index has this name' })
  t.same(lines, [])
})

t.test('nothing is logged if the first attempt succeeds', async t => {
  const { lines, options } = waiting(0)
  t.equal(await waitUntilAvailable(async () => 1, options), 1)
  t.same(lines, [])
})

t.test('a Node.js without full ICU is rejected', async t => {
  t.doesNotThrow(() => { requireFullIcu(globalThis.Intl) })
  const english = { DateTimeFormat: class { format (): string { return 'January at 09' } } } as unknown as typeof Intl
  const message = 'This Node.js was built without full ICU; use an official build from nodejs.org'
  for (const intl of [english, undefined]) {
    t.throws(() => { requireFullIcu(intl) }, { name: 'StartupError', message })
  }
})
