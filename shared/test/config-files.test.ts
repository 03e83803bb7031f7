import { loadConfig, settings } from '@laurel/shared/config'
import t from 'tap'

const { ADMIN_PASSWORD } = settings

t.test('a setting can be handed over in a file, without the line end that editors leave', async t => {
  const dir = t.testdir({ secret: 'a password from a file\n' })
  t.same(loadConfig({ ADMIN_PASSWORD }, { ADMIN_PASSWORD_FILE: `${dir}/secret` }), { ADMIN_PASSWORD: 'a password from a file' })
})

t.test('the variable itself comes before its file', async t => {
  const dir = t.testdir({ secret: 'a password from a file' })
  t.same(loadConfig({ ADMIN_PASSWORD }, { ADMIN_PASSWORD: 'set directly', ADMIN_PASSWORD_FILE: `${dir}/secret` }), { ADMIN_PASSWORD: 'set directly' })
})

t.test('a file that cannot be read stops the start with a line that names the variable', async t => {
  t.throws(() => loadConfig({ ADMIN_PASSWORD }, { ADMIN_PASSWORD_FILE: '/does/not/exist' }), {
    name: 'StartupError', message: 'Configuration: ADMIN_PASSWORD_FILE cannot be read (ENOENT)'
  })
})
