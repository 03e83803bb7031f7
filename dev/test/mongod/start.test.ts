import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import t, { type Test } from 'tap'
import { StartFailure } from '../../src/failure.ts'
import { findMongod } from '../../src/mongod-binary.ts'
import { startMongod, type Mongod } from '../../src/mongod.ts'
import { processOf } from '../../src/processes.ts'
import { scratch } from '../../../test/kit/scratch.ts'

const { signal } = new AbortController()
const { path: binary } = await findMongod({ env: process.env, say: line => { t.comment(line) }, signal })

interface Started {
  mongod: Mongod
  pid: number
}

async function start (t: Test, dir: string, throwAway = false): Promise<Started> {
  let pid = 0
  const mongod = await startMongod({ binary, dir, signal, throwAway, onSpawn: spawned => { pid = spawned } })
  t.teardown(mongod.stop)
  return { mongod, pid }
}

/** Runs `work` on the collection `notes`. */
async function inNotes<T> ({ uri }: Mongod, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000 })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

const write = (mongod: Mongod, text: string): Promise<unknown> => inNotes(mongod, async client => {
  await client.withSession(session => session.withTransaction(async () => {
    await client.db('t').collection('notes').insertOne({ text }, { session })
  }))
})
const read = (mongod: Mongod): Promise<string[]> => inNotes(mongod, async client => {
  const notes = await client.db('t').collection('notes').find().sort({ _id: 1 }).toArray()
  return notes.map(note => note['text'])
})

t.test('what was written, in a transaction, outlives a stop and a kill -9', async t => {
  const dir = scratch(t)
  const first = await start(t, dir)
  await write(first.mongod, 'before the stop')
  await first.mongod.stop()
  t.equal(processOf(first.pid), null, 'a stopped mongod is gone')

  const second = await start(t, dir)
  t.equal(second.mongod.uri, first.mongod.uri, 'the port stays while it is free')
  await write(second.mongod, 'before the kill')
  process.kill(second.pid, 'SIGKILL')
  t.match(await second.mongod.exited, { description: 'signal SIGKILL' })

  const third = await start(t, dir)
  t.same(await read(third.mongod), ['before the stop', 'before the kill'])
})

t.test('the data open under another port when somebody has taken the old one', async t => {
  const dir = scratch(t)
  const first = await start(t, dir)
  await write(first.mongod, 'kept')
  await first.mongod.stop()

  const port = Number(readFileSync(join(dir, 'port'), 'utf8'))
  const squatter = createServer(socket => { socket.end('220 not MongoDB\r\n') }).listen(port, '127.0.0.1')
  await once(squatter, 'listening')
  t.teardown(() => { squatter.close() })
  const second = await start(t, dir)
  t.not(second.mongod.uri, first.mongod.uri)
  t.same(await read(second.mongod), ['kept'])
  await write(second.mongod, 'and writable')
})

t.test('several start at once, each on its own port and on 127.0.0.1 only', async t => {
  const all = await Promise.all([1, 2, 3].map(() => start(t, scratch(t), true)))
  t.equal(new Set(all.map(({ mongod }) => mongod.uri)).size, 3)
  for (const { mongod } of all) {
    const options = await inNotes(mongod, client => client.db('admin').command({ getCmdLineOpts: 1 }))
    t.equal(options['parsed'].net.bindIp, '127.0.0.1')
  }
})

t.test('a start that cannot succeed says why in one line and leaves no process', async t => {
  const dir = scratch(t)
  mkdirSync(join(dir, 'data'))
  writeFileSync(join(dir, 'data/storage.bson'), 'not a database')
  let pid = 0
  const error = await startMongod({ binary, dir, signal, onSpawn: spawned => { pid = spawned } }).catch(error => error)
  t.type(error, StartFailure)
  t.match(error.message, /^The embedded MongoDB did not start: .+mongod\.log\)$/)
  t.equal(processOf(pid), null)
})

t.test('a second mongod on the same data is refused and the first one is not disturbed', async t => {
  const dir = scratch(t)
  const { mongod } = await start(t, dir, true)
  await t.rejects(startMongod({ binary, dir, signal }), /DBPathInUse/)
  await write(mongod, 'still there')
})

t.test('a start that is broken off leaves no process', async t => {
  const halt = new AbortController()
  let pid = 0
  const starting = startMongod({ binary, dir: scratch(t), signal: halt.signal, onSpawn: spawned => { pid = spawned } })
  setTimeout(() => { halt.abort(new Error('enough')) }, 150)
  await t.rejects(starting, /enough/)
  t.equal(processOf(pid), null)
})

t.test('the log is put aside once it is large, in place of the one before', async t => {
  const dir = scratch(t)
  const log = join(dir, 'mongod.log')
  writeFileSync(log, Buffer.alloc(9 * 1024 * 1024, 'x'))
  writeFileSync(`${log}.1`, 'older')
  await start(t, dir, true)
  t.ok(statSync(log).size < 1024 * 1024)
  t.equal(statSync(`${log}.1`).size, 9 * 1024 * 1024)
})
