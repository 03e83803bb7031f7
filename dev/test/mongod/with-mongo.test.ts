import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { isAlive, type Process } from '../../src/processes.ts'
import { plainly } from '../../../test/kit/plainly.ts'
import { scratch } from '../../../test/kit/scratch.ts'

/** What was built, as `npm test` runs it. */
const script = join(import.meta.dirname, '../../dist/with-mongo.js')
const mongodb = import.meta.resolve('mongodb')

interface Run {
  child: ChildProcess
  output: () => string
  /** Exit code and signal. */
  ended: Promise<unknown[]>
}

/** Runs a module under with-mongo; temporary files go to `tmp`. */
function withMongo (t: Test, tmp: string, code: string, env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(...plainly(process.execPath, [script, process.execPath, '--input-type=module', '-e', code]), {
    env: { ...process.env, MONGODB_URI: '', TMPDIR: tmp, ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  let output = ''
  child.stdout.on('data', chunk => { output += chunk })
  return { child, output: () => output, ended: once(child, 'close') }
}

/** The mongod that a run has noted in its folder below `tmp`. */
function mongodIn (tmp: string): Process {
  const [folder = ''] = throwAways(tmp)
  return JSON.parse(readFileSync(join(tmp, folder, 'launcher.json'), 'utf8')).children[0]
}

function throwAways (tmp: string): string[] {
  return readdirSync(tmp).filter(name => name.startsWith('laurel-throw-away-'))
}

t.test('the command gets a MongoDB with transactions, its exit code is passed on, and nothing is left', async t => {
  const tmp = scratch(t)
  const { ended, output } = withMongo(t, tmp, `
    import { MongoClient } from '${mongodb}'
    const client = new MongoClient(process.env.MONGODB_URI)
    await client.withSession(session => session.withTransaction(() => client.db('t').collection('c').insertOne({}, { session })))
    console.log(await client.db('t').collection('c').countDocuments())
    process.exit(7)`)
  t.same(await ended, [7, null])
  t.equal(output(), '1\n')
  t.same(throwAways(tmp), [])
})

t.test('a MONGODB_URI that is set is left alone', async t => {
  const tmp = scratch(t)
  const { ended, output } = withMongo(t, tmp, 'console.log(process.env.MONGODB_URI)', { MONGODB_URI: 'mongodb://example.invalid' })
  t.same(await ended, [0, null])
  t.equal(output(), 'mongodb://example.invalid\n')
})

t.test('a signal reaches the command, its end is passed on, and neither process nor folder is left', async t => {
  const tmp = scratch(t)
  const { child, ended, output } = withMongo(t, tmp, 'setInterval(() => {}, 1000); console.log("up")')
  await once(child.stdout!, 'data')
  const mongod = mongodIn(tmp)
  t.ok(isAlive(mongod))
  child.kill('SIGTERM')
  t.same(await ended, [null, 'SIGTERM'])
  t.equal(output(), 'up\n')
  t.notOk(isAlive(mongod))
  t.same(throwAways(tmp), [])
})

t.test('what a run that was killed has left is removed by the next one', async t => {
  const tmp = scratch(t)
  const first = withMongo(t, tmp, 'setInterval(() => {}, 1000); console.log(process.pid)')
  await once(first.child.stdout!, 'data')
  const mongod = mongodIn(tmp)
  first.child.kill('SIGKILL')
  process.kill(Number(first.output()), 'SIGKILL')
  await first.ended
  t.ok(isAlive(mongod))
  t.same(await withMongo(t, tmp, '').ended, [0, null])
  t.notOk(isAlive(mongod))
  t.same(throwAways(tmp), [])
})
