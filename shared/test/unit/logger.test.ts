import { MongoServerError } from 'mongodb'
import { pino, type Logger } from 'pino'
import t from 'tap'
import { lazily } from '../../src/http/observability/lazy-logger.ts'
import { loggerOptions } from '../../src/http/observability/logger-options.ts'

function capture (write: (log: Logger<never>) => void): string[] {
  const lines: string[] = []
  write(pino(loggerOptions('a-server', 'info'), { write: line => lines.push(line) }))
  return lines
}

t.test('every line is one JSON object with the name of the server', async t => {
  const lines = capture(log => {
    log.info('one\nline')
    log.child({ requestId: 'x' }).warn({ a: 1 }, 'two')
  })
  t.equal(lines.length, 2)
  for (const line of lines) t.match(JSON.parse(line), { name: 'a-server', level: Number, time: Number })
  t.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1)
})

t.test('entries below the level are not logged', async t => {
  t.same(capture(log => { log.debug('below') }), [])
})

t.test('a secret that is logged by mistake is hidden, up to two levels deep', async t => {
  const [line = ''] = capture(log => {
    log.info({
      password: 'canary',
      body: { newPassword: 'canary', user: { refreshToken: 'canary', passwordHash: 'canary' } },
      headers: { authorization: 'canary' },
      claim: { couponCode: 'canary' },
      codes: ['canary'],
      kept: 'kept'
    })
  })
  t.notMatch(line, 'canary')
  t.match(line, /"kept":"kept"/)
  t.match(line, /\[hidden\]/)
})

t.test('an error is logged with its message, stack, code and cause, and nothing else', async t => {
  const driverError = new MongoServerError({ errmsg: 'E11000', code: 11000, keyValue: { passwordHash: 'canary' } })
  const error = Object.assign(driverError, { document: { password: 'canary' }, cause: new Error('the cause') })
  const [line = ''] = capture(log => { log.error({ err: error }, 'failed') })
  t.notMatch(line, 'canary')
  const err = { type: 'MongoServerError', message: /E11000/, stack: /logger\.test/, code: 11000, cause: 'the cause' }
  t.match(JSON.parse(line), { msg: 'failed', err })
})

t.test('only an Error is logged as a cause', async t => {
  for (const cause of [undefined, { secret: 'canary' }]) {
    const [line = ''] = capture(log => { log.error({ err: new Error('plain', { cause }) }) })
    t.notMatch(line, /canary|"cause"/)
    t.match(line, 'plain')
  }
})

t.test('a lazy logger is created once, on its first use, and logs like the logger itself', async t => {
  let created = 0
  const lines = capture(log => {
    const lazy = lazily(() => {
      created += 1
      return log.child({ requestId: 'r-1' })
    })
    t.equal(created, 0)
    lazy.warn({ password: 'canary' }, 'one')
    lazy.child({ part: 'p' }).error('two')
    t.equal(lazy.level, 'info')
    t.equal(created, 1)
  }).map(line => JSON.parse(line))
  t.match(lines, [
    { requestId: 'r-1', level: 40, msg: 'one', password: '[hidden]' },
    { requestId: 'r-1', part: 'p', level: 50, msg: 'two' }
  ])
})
