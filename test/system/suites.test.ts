import { readdirSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import t from 'tap'

const ignored = new Set(['node_modules', 'dist', '.tap'])

t.test('every test file belongs to a tier and is run by a suite', async t => {
  const files = readdirSync('.', { recursive: true, encoding: 'utf8' })
    .filter(file => !file.split(sep).some(part => ignored.has(part)))
  const suites = files.filter(file => /(^|\/)test\/(unit|service|system)(\/\w+)?\/suite\.ts$/.test(file)).map(dirname)
  // A suite can also run a sibling folder.
  const folders = [...suites, 'event-service/test/service/engine', 'event-service/test/service/activities']
  const tests = files.filter(file => file.endsWith('.test.ts'))
  t.ok(tests.length > 100)
  t.same(tests.filter(file => !folders.some(folder => file.startsWith(`${folder}/`))), [])
})
