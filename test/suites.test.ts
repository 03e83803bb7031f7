import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

t.test('every test file is run by a suite', async t => {
  const files = readdirSync('.', { recursive: true, encoding: 'utf8' }).filter(file => !/(^|\/)(node_modules|dist|\.tap)\//.test(file) && /(^|\/)test\//.test(file))
  const run = files.filter(file => file.endsWith('/suite.ts') && !file.includes('/kit/')).flatMap(suite => {
    const folders = /\[(.*)\]/.exec(readFileSync(suite, 'utf8'))?.[1]?.split(', ').map(folder => folder.slice(1, -1)) ?? []
    return ['.', ...folders].map(folder => join(dirname(suite), folder))
  })
  const tests = files.filter(file => file.endsWith('.test.ts'))
  t.ok(tests.length > 80)
  t.same(tests.filter(file => !run.includes(dirname(file))), [])
})
