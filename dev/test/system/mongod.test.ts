import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import t, { type Test } from 'tap'
import { StartupError } from '@laurel/shared/errors'
import { isRunning } from '../../../test/kit/servers/processes.ts'
import { scratch } from '../../../test/kit/run/scratch.ts'
import { findMongod } from '../../src/mongod-binary.ts'
import { startMongod, type Mongod } from '../../src/mongod.ts'

const { signal } = new AbortController()
const binary = await findMongod({ env: process.env, print: line => { t.comment(line) }, signal })

async function start (t: Test, dir: string): Promise<Mongod> {
  const mongod = await startMongod({ binary, dir, signal })
  t.teardown(mongod.stop)
  return mongod
}

async function inNotes<T> ({ uri }: Mongod, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

async function write (mongod: Mongod, text: string): Promise<void> {
  await inNotes(mongod, async client => await client.withSession(async session => {
    await session.withTransaction(async () => {
      await client.db('t').collection('notes').insertOne({ text }, { session })
    })
  }))
}

async function read (mongod: Mongod): Promise<string[]> {
  const notes = await inNotes(mongod, async client =>
    await client.db('t').collection('notes').find().sort({ _id: 1 }).toArray())
  return notes.map(note => note['text'])
}

t.test('the writes of a transaction survive a stop and a kill -9, on the same port', async t => {
  const dir = scratch(t)
  const first = await start(t, dir)
  await write(first, 'before the stop')
  const options = await inNotes(first, async client => await client.db('admin').command({ getCmdLineOpts: 1 }))
  t.equal(options['parsed'].net.bindIp, '127.0.0.1')
  await first.stop()
  t.notOk(isRunning(first.pid ?? 0), 'a stopped mongod has exited')

  const second = await start(t, dir)
  t.equal(second.uri, first.uri)
  await write(second, 'before the kill')
  process.kill(second.pid ?? 0, 'SIGKILL')
  t.equal(await second.ended, 'SIGKILL')

  const port = Number(readFileSync(join(dir, 'port'), 'utf8'))
  const other = createServer(socket => { socket.end('220 not MongoDB\r\n') }).listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => { other.close() })
  const third = await start(t, dir)
  t.not(third.uri, first.uri, 'mongod uses another port if the last one is in use')
  t.same(await read(third), ['before the stop', 'before the kill'])
  await write(third, 'elsewhere')
  t.equal((await read(third)).length, 3)

  const again = await startMongod({ binary, dir, signal, inUseTimeout: 100 }).catch(error => error)
  t.type(again, StartupError)
  const inUse = /^Another MongoDB \(process (\d+)\) uses \S+\. Stop it, or [^\n]*DATA_DIR[^\n]*$/
  t.equal(Number(inUse.exec(again.message)?.[1]), third.pid, 'another start names the process that uses the folder')
})

t.test('a failed start reports the reason in one line', async t => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'data'))
  writeFileSync(join(dir, 'data/storage.bson'), 'not a database')
  const error = await startMongod({ binary, dir, signal }).catch(error => error)
  t.type(error, StartupError)
  t.match(error.message, /^MongoDB did not start: [^\n]+$/)
})

t.test('an aborted start leaves no process', async t => {
  const stop = new AbortController()
  const dir = scratch(t)
  const starting = startMongod({ binary, dir, signal: stop.signal })
  setTimeout(() => { stop.abort(new Error('enough')) }, 150)
  await t.rejects(starting, /enough/)
  await t.resolves(start(t, dir), 'the data folder is not locked')
})
