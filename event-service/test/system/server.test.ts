import t from 'tap'
import { startBuilt, startChild } from '../../../test/kit/servers/child.ts'
import { startEventService } from '../../../test/kit/servers/event-service.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const server = new URL('../../src/server.ts', import.meta.url)

t.test('exit 0: the server starts from its environment, becomes ready and stops on SIGTERM', async t => {
  const { env } = await startEventService(t)
  const port = await freePort()
  const child = startChild(t, server, { ...env, EVENT_PORT: String(port), LOG_LEVEL: 'info' })
  await child.answers(`http://127.0.0.1:${port}/health/ready`)
  t.strictSame(await (await fetch(`http://127.0.0.1:${port}/health/ready`)).json(), {
    status: 'ok',
    checks: { mongodb: 'ok' }
  })
  child.process.kill('SIGTERM')
  t.strictSame(await child.exited, { code: 0, signal: null })
  t.ok(
    child.log().some(({ name, msg }) => name === 'event-service' && String(msg).endsWith(`:${port}`)),
    'it logs JSON lines with its name'
  )
})

t.test('exit 1: an invalid TIME_ZONE stops the start with one line', async t => {
  const child = startBuilt(t, 'event-service', { MONGODB_URI: 'mongodb://127.0.0.1', TIME_ZONE: '+09:00' })
  t.strictSame(await child.exited, { code: 1, signal: null })
  t.match(child.stderr(), /^laurel event-service: Configuration: TIME_ZONE must be .*\n$/m)
  t.notMatch(child.stderr(), /\n\s+at /, 'no stack')
})
