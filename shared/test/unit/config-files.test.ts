import { loadConfig, readSetting } from '@laurel/shared/config'
import t from 'tap'

t.test('a setting can come from a file, without the newline that editors add', async t => {
  const dir = t.testdir({ secret: 'a password from a file\n' })
  const config = loadConfig(['ADMIN_PASSWORD'], { ADMIN_PASSWORD_FILE: `${dir}/secret` })
  t.same(config, { ADMIN_PASSWORD: 'a password from a file' })
})

t.test('the variable takes precedence over its file', async t => {
  const dir = t.testdir({ secret: 'a password from a file' })
  const env = { ADMIN_PASSWORD: 'set directly', ADMIN_PASSWORD_FILE: `${dir}/secret` }
  t.same(loadConfig(['ADMIN_PASSWORD'], env), { ADMIN_PASSWORD: 'set directly' })
})

t.test('an empty file counts as unset', async t => {
  const dir = t.testdir({ secret: ' \n' })
  t.equal(readSetting('ADMIN_PASSWORD', { ADMIN_PASSWORD_FILE: `${dir}/secret` }), undefined)
})

t.test('a file that cannot be read stops the start with one line that names the variable', async t => {
  t.throws(() => loadConfig(['ADMIN_PASSWORD'], { ADMIN_PASSWORD_FILE: '/does/not/exist' }), {
    name: 'StartupError', message: 'Configuration: cannot read ADMIN_PASSWORD_FILE (ENOENT)'
  })
})
