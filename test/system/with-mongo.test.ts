import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { makeThrowAwayDir } from '../kit/mongo/throw-away.ts'
import { plainly } from '../kit/servers/plainly.ts'
import { childrenOf, isRunning, survivors } from '../kit/servers/processes.ts'
import { scratch } from '../kit/run/scratch.ts'

const loader = './test/kit/run/strip-types.mjs'
const nodeArgs = ['--import', loader, '--conditions=@laurel/source', './test/kit/mongo/with-mongo.ts']
const mongodb = import.meta.resolve('mongodb')

interface Run {
  readonly child: ChildProcess
  readonly output: () => string
  /** Exit code and signal. */
  readonly ended: Promise<unknown[]>
}

/** Runs a module under with-mongo; temporary files go to `tmp`. */
function withMongo (t: Test, tmp: string, code: string, env: NodeJS.ProcessEnv = {}): Run {
  const command = [process.execPath, '--input-type=module', '-e', code]
  const child = spawn(...plainly(process.execPath, [...nodeArgs, ...command]), {
    env: { ...process.env, MONGODB_URI: '', TMPDIR: tmp, ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => { child.kill('SIGKILL') })
  let output = ''
  child.stdout.on('data', chunk => { output += chunk })
  return { child, output: () => output, ended: once(child, 'close') }
}

function mongodOf ({ child }: Run): number {
  return childrenOf(child.pid ?? 0).find(({ name }) => name === 'mongod')?.pid ?? 0
}

function leftIn (tmp: string): string[] {
  return readdirSync(tmp).filter(name => name.startsWith('laurel-throw-away-'))
}

t.test('the command gets a MongoDB with transactions, its exit code is returned, and nothing is left', async t => {
  const tmp = scratch(t)
  const { ended, output } = withMongo(t, tmp, `
    import { MongoClient } from '${mongodb}'
    const client = new MongoClient(process.env.MONGODB_URI)
    await client.withSession(session => session.withTransaction(() =>
      client.db('t').collection('c').insertOne({}, { session })))
    console.log(await client.db('t').collection('c').countDocuments())
    process.exit(7)`)
  t.same(await ended, [7, null])
  t.equal(output(), '1\n')
  t.same(leftIn(tmp), [])
})

t.test('an existing MONGODB_URI is not changed', async t => {
  const MONGODB_URI = 'mongodb://example.invalid'
  const { ended, output } = withMongo(t, scratch(t), 'console.log(process.env.MONGODB_URI)', { MONGODB_URI })
  t.same(await ended, [0, null])
  t.equal(output(), 'mongodb://example.invalid\n')
})

t.test('a signal reaches the command, its exit is reported, and no process or folder is left behind', async t => {
  const tmp = scratch(t)
  const run = withMongo(t, tmp, 'setInterval(() => {}, 1000); console.log("up")')
  await once(run.child.stdout!, 'data')
  const mongod = mongodOf(run)
  t.ok(isRunning(mongod))
  run.child.kill('SIGTERM')
  t.same(await run.ended, [null, 'SIGTERM'])
  t.notOk(isRunning(mongod))
  t.same(leftIn(tmp), [])
})

t.test('the mongod of a killed run stops, and the next run removes its folder', async t => {
  const tmp = scratch(t)
  const first = withMongo(t, tmp, 'setInterval(() => {}, 1000); console.log(process.pid)')
  await once(first.child.stdout!, 'data')
  const mongod = mongodOf(first)
  first.child.kill('SIGKILL')
  process.kill(Number(first.output()), 'SIGKILL')
  await first.ended
  t.same(await survivors([mongod]), [])
  t.equal(leftIn(tmp).length, 1)
  const { remove } = makeThrowAwayDir(tmp)
  t.equal(leftIn(tmp).length, 1, 'the one of the next run')
  remove()
  t.same(leftIn(tmp), [])
})
