import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { plainly } from '../kit/servers/plainly.ts'

const ignored = new Set(['node_modules', 'dist', '.tap'])

/** Returns the folders whose tests a suite runs: its own, and the other ones that it names. */
function foldersOf (suite: string): string[] {
  const [, source = ''] = readFileSync(suite, 'utf8').split('/kit/run/suite.ts\'')
  const names = [...source.matchAll(/'([^']+)'/g)].map(([, name = '']) => name)
  const template = /`(.*\$\{name\}.*)`/.exec(source)?.[1]
  const more = names.map(name => template?.replace(/\$\{name\}/, name) ?? name)
  return [dirname(suite), ...more.map(folder => join(dirname(suite), folder))]
}

t.test('every test file belongs to a tier and is run by a suite', async t => {
  const files = readdirSync('.', { recursive: true, encoding: 'utf8' })
    .filter(file => !file.split(sep).some(part => ignored.has(part)))
  const folders = files
    .filter(file => /(^|\/)test\/(unit|service|system)(\/\w+)?\/suite\.ts$/.test(file))
    .flatMap(foldersOf)
  const tests = files.filter(file => file.endsWith('.test.ts'))
  t.ok(tests.length > 100)
  t.same(tests.filter(file => !folders.some(folder => file.startsWith(`${folder}/`))), [])
})

t.test('tap uses the error domains of test/kit, with which a promise costs half as much', async t => {
  const names = process.listeners('uncaughtException').map(({ name }) => name)
  t.ok(names.includes('fail'), `the listeners are ${names.join()}`)
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
