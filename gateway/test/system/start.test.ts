import t from 'tap'
import { startBuilt } from '../../../test/kit/servers/child.ts'

for (const [env, line] of [
  [{ PORT: 'canary' }, /^laurel gateway: Configuration: PORT [^\n]+\n$/],
  [{ TLS_CERT_FILE: '/none' }, 'laurel gateway: Configuration: TLS_CERT_FILE cannot be read (ENOENT)\n']
] as const) {
  const [setting] = Object.keys(env)
  t.test(`a server that cannot start prints the reason in one line and exits with 1: ${setting}`, async t => {
    const child = startBuilt(t, 'gateway', { ...env, LOG_LEVEL: 'silent' })
    t.same(await child.exited, { code: 1, signal: null })
    t.match(child.stderr(), line)
    t.notMatch(child.stderr(), 'canary')
    t.equal(child.stdout(), '')
  })
}
