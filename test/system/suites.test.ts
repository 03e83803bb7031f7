import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { plainly } from '../kit/servers/plainly.ts'

const ignored = new Set(['node_modules', 'dist', '.tap'])

t.test('every test file belongs to a tier and is run by a suite', async t => {
  const files = readdirSync('.', { recursive: true, encoding: 'utf8' })
    .filter(file => !file.split(sep).some(part => ignored.has(part)))
  const suites = files.filter(file => /(^|\/)test\/(unit|service|system)(\/\w+)?\/suite\.ts$/.test(file)).map(dirname)
  // A suite can also run sibling folders.
  const folders = [...suites, ...['engine', 'activities', 'webhooks'].map(name => `event-service/test/service/${name}`)]
  const tests = files.filter(file => file.endsWith('.test.ts'))
  t.ok(tests.length > 100)
  t.same(tests.filter(file => !folders.some(folder => file.startsWith(`${folder}/`))), [])
})

t.test('an uncaught error fails the test that caused it', async t => {
  const code = `
    import t from 'tap'
    const noEnd = async () => await new Promise(() => undefined)
    t.test('before', async t => { t.pass() })
    t.test('throws', async () => {
      setImmediate(() => { throw new Error('uncaught') })
      await noEnd()
    })
    t.test('rejects', async () => {
      setImmediate(() => { void Promise.reject(new Error('unhandled')) })
      await noEnd()
    })
    t.test('after', async t => { t.pass() })
  `
  const options = ['--import', './test/kit/run/strip-types.mjs', '--input-type=module', '-e', code]
  const ended = promisify(execFile)(...plainly(process.execPath, options))
  const { code: exitCode, stdout } = await ended.then(() => { throw new Error('it passed') }, error => error)
  t.equal(exitCode, 1)
  t.strictSame(stdout.match(/^(ok|not ok) \d+ - \w+/gm), [
    'ok 1 - before', 'not ok 2 - throws', 'not ok 3 - rejects', 'ok 4 - after'
  ])
})
