import { readdirSync, readFileSync } from 'node:fs'
import { contracts, errorEntry, errorTable, problemType } from '@laurel/shared/contracts'
import t from 'tap'

const folders = ['shared/src', 'gateway/src', 'auth-service/src', 'event-service/src']

/** The source files that answer requests, without the table itself. */
const files = folders.flatMap(folder => readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.startsWith('contracts/errors/'))
  .map(name => `${folder}/${name}`))

/** The patterns of error codes in the source. */
const patterns = [
  /new DomainError\(\s*'[a-z-]+',\s*'([A-Z_]+)'/g,
  /sendProblem\([^']*?\d{3},\s*'([A-Z_]+)'/g,
  /createProblem\([^']*?\d{3},\s*'([A-Z_]+)'/g,
  /\[\s*\d{3},\s*'([A-Z_]+)'/g,
  /\bcode: '([A-Z_]+)'/g
]

const used = new Map<string, string>()
for (const file of files) {
  const source = readFileSync(file, 'utf8')
  for (const match of patterns.flatMap(pattern => [...source.matchAll(pattern)])) used.set(String(match[1]), file)
}

t.test('every code that the source throws is in the table', async t => {
  t.ok(used.size > 40, `${used.size} codes were found`)
  for (const [code, file] of used) t.ok(errorEntry(code), `${code} of ${file}`)
})

t.test('every code of the table occurs in the source', async t => {
  const sources = files.map(file => readFileSync(file, 'utf8')).join('\n')
  for (const code of Object.keys(errorTable)) t.match(sources, new RegExp(`'${code}'`), code)
})

t.test('every refusal of a contract has the status that the table gives its code', async t => {
  for (const { operationId, refusals = {} } of contracts) {
    for (const [status, codes] of Object.entries(refusals)) {
      for (const code of codes) t.equal(errorTable[code].status, Number(status), `${operationId} ${code}`)
    }
  }
})

t.test('every entry explains its meaning and what to do, in sentences', async t => {
  for (const [code, { title, meaning, action }] of Object.entries(errorTable)) {
    t.match(title, /^[A-Z].*[^.]$/, code)
    t.match(meaning, /^[A-Z`].*\.$/, code)
    t.match(action, /^[A-Z`].*\.$/, code)
  }
})

t.test('a code that is not in the table has no page', async t => {
  t.equal(problemType('OUT_OF_STOCK'), '/docs/errors/OUT_OF_STOCK')
  for (const code of ['NO_SUCH_CODE', 'constructor', '__proto__', '']) t.equal(problemType(code), 'about:blank')
})
