import { MongoServerError } from 'mongodb'
import { pino, type Logger } from 'pino'
import t from 'tap'
import { lazily } from '../src/http/lazy-logger.ts'
import { loggerOptions } from '../src/http/logger.ts'

function logged (write: (log: Logger<never>) => void) {
  const lines: string[] = []
  write(pino(loggerOptions('a-server', 'info'), { write: line => lines.push(line) }))
  return lines
}

t.test('every line is one JSON object with the server\'s name', async t => {
  const lines = logged(log => {
    log.info('one\nline')
    log.child({ requestId: 'x' }).warn({ a: 1 }, 'two')
  })
  t.equal(lines.length, 2)
  for (const line of lines) t.match(JSON.parse(line), { name: 'a-server', level: Number, time: Number })
  t.equal(lines[0]?.indexOf('\n'), (lines[0]?.length ?? 0) - 1)
})

t.test('the level is a bound', async t => {
  t.same(logged(log => { log.debug('unheard') }), [])
})

t.test('a secret that someone logs by mistake is hidden, two levels deep', async t => {
  const [line = ''] = logged(log => {
    log.info({ password: 'canary', body: { newPassword: 'canary', user: { refreshToken: 'canary', passwordHash: 'canary' } }, headers: { authorization: 'canary' }, claim: { couponCode: 'canary' }, codes: ['canary'], kept: 'kept' })
  })
  t.notMatch(line, 'canary')
  t.match(line, /"kept":"kept"/)
  t.match(line, /\[hidden\]/)
})

t.test('an error is logged with its message, stack, code and cause, without what it carries', async t => {
  const error = Object.assign(new MongoServerError({ errmsg: 'E11000', code: 11000, keyValue: { passwordHash: 'canary' } }), { document: { password: 'canary' }, cause: new Error('the cause') })
  const [line = ''] = logged(log => { log.error({ err: error }, 'failed') })
  t.notMatch(line, 'canary')
  t.match(JSON.parse(line), { msg: 'failed', err: { type: 'MongoServerError', message: /E11000/, stack: /log\.test/, code: 11000, cause: 'the cause' } })
})

t.test('an error without a cause has none in the log', async t => {
  for (const cause of [undefined, { secret: 'canary' }]) {
    const [line = ''] = logged(log => { log.error({ err: new Error('plain', { cause }) }) })
    t.notMatch(line, /canary|"cause"/)
    t.match(line, 'plain')
  }
})

t.test('the logger of a request is made when it has something to say, once, and says all that the request\'s own would', async t => {
  let made = 0
  const lines = logged(log => {
    const lazy = lazily(() => {
      made += 1
      return log.child({ requestId: 'r-1' })
    })
    t.equal(made, 0)
    lazy.warn({ password: 'canary' }, 'one')
    lazy.child({ part: 'p' }).error('two')
    t.equal(lazy.level, 'info')
    t.equal(made, 1)
  }).map(line => JSON.parse(line))
  t.match(lines, [{ requestId: 'r-1', level: 40, msg: 'one', password: '[hidden]' }, { requestId: 'r-1', part: 'p', level: 50, msg: 'two' }])
})
