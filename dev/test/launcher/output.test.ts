import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import { outputTo, passLines, type Output } from '../../src/output.ts'

function collector (): Output & { text: string } {
  return { text: '', write (text) { this.text += text }, async flushed () {} }
}

t.test('the lines of several children do not mix, however they arrive', async t => {
  const to = collector()
  const [one, other] = [new PassThrough(), new PassThrough()]
  for (const from of [one, other]) passLines(from, to, 'never', () => true)
  one.write('{"a":')
  other.write('{"b":1}\n{"b":')
  one.write('1}\n')
  other.end('2}')
  one.end()
  await new Promise(resolve => { setImmediate(resolve) })
  t.equal(to.text, '{"b":1}\n{"a":1}\n{"b":2}\n')
})

t.test('a line that is looked for is handed over instead of on, the lines around it are not', async t => {
  const to = collector()
  const from = new PassThrough()
  const taken: string[] = []
  passLines(from, to, 'First ADMIN:', line => taken.push(line) === 1)
  from.end('before\nFirst ADMIN: x\nafter, not a First ADMIN: at its start\nFirst ADMIN: y\n')
  await new Promise(resolve => { setImmediate(resolve) })
  t.same(taken, ['First ADMIN: x', 'First ADMIN: y'])
  t.equal(to.text, 'before\nafter, not a First ADMIN: at its start\nFirst ADMIN: y\n')
})

t.test('a reader who does not read costs lines, not memory without end, and is told so', async t => {
  const waiting: Array<() => void> = []
  const lines: string[] = []
  const stuck = new Writable({
    write (chunk, _encoding, done) {
      lines.push(String(chunk).trim())
      waiting.push(done)
    }
  })
  const output = outputTo(stuck)
  const line = `${'x'.repeat(1024 * 1024)}\n`
  for (let count = 0; count < 40; count++) output.write(line)
  t.ok(stuck.writableLength < 20 * 1024 * 1024)
  while (waiting.length > 0) {
    waiting.shift()?.()
    await new Promise(resolve => { setImmediate(resolve) })
  }
  output.write('at last\n')
  while (waiting.length > 0) {
    waiting.shift()?.()
    await new Promise(resolve => { setImmediate(resolve) })
  }
  t.same(lines.slice(-2), ['(some lines were dropped here: nobody read them)', 'at last'])
})

t.test('an output whose other end is gone is no error', async t => {
  const gone = new Writable({ write (_chunk, _encoding, done) { done(Object.assign(new Error('gone'), { code: 'EPIPE' })) } })
  const output = outputTo(gone)
  output.write('one\n')
  await new Promise(resolve => { setImmediate(resolve) })
  output.write('two\n')
  await output.flushed()
  t.pass('nothing was thrown')
})
