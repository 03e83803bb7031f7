import { setTimeout as sleep } from 'node:timers/promises'
import { connectMongo, migrate, runMigration, type Migration } from '@laurel/shared/mongo'
import type { Db } from 'mongodb'
import t, { type Test } from 'tap'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { withLock } from '../../src/mongo/lock.ts'

function newDatabase (t: Test): Db {
  const { client, name } = ownDatabase(t, 'migrate')
  return client.db(name)
}

const texts = { what: 'Every row gets a color.', whySafe: 'No earlier version reads it.' }

/** Returns a migration that sets a color in each row, and counts the changes of each row. */
function paint (id: string, afterEach: (painted: number) => Promise<void> = async () => undefined): Migration {
  return {
    id,
    ...texts,
    async run (db, check) {
      const rows = db.collection<{ _id: number, color?: string }>('rows')
      let painted = 0
      for await (const { _id } of rows.find({ color: { $exists: false } }).sort({ _id: 1 })) {
        check()
        await rows.updateOne({ _id, color: { $exists: false } }, { $set: { color: 'red' }, $inc: { changes: 1 } })
        await afterEach(painted += 1)
      }
    }
  }
}

async function fill (db: Db): Promise<void> {
  await db.collection<{ _id: number }>('rows').insertMany(Array.from({ length: 20 }, (_, _id) => ({ _id })))
}

async function isPainted (db: Db): Promise<boolean> {
  return await db.collection('rows').countDocuments({ color: 'red', changes: 1 }) === 20
}

const recordsOf = async (db: Db) => await db.collection('migrations').find().sort({ _id: 1 }).toArray()

t.test('migrations', { jobs: 8 }, t => {
  void t.test('run once, in their order, and are recorded', async t => {
    const db = newDatabase(t)
    await fill(db)
    const order: string[] = []
    const noting = (id: string): Migration => ({ id, ...texts, run: async () => { order.push(id) } })
    const lines: string[] = []
    const log = { info: (_: object, line: string) => { lines.push(line) }, warn: () => undefined } as any
    await migrate(db, [], { migrations: [paint('1'), noting('2')], log })
    await migrate(db, [], { migrations: [paint('1'), noting('2'), noting('3')], log })
    t.ok(await isPainted(db))
    t.same(order, ['2', '3'])
    t.same(lines, [texts.what, texts.what, texts.what])
    t.match(await recordsOf(db), [1, 2, 3].map(id => ({
      _id: String(id), what: texts.what, finishedAt: Date, runs: 1
    })))
  })

  void t.test('are recorded but not logged in a new database, which has nothing to change', async t => {
    const db = newDatabase(t)
    const lines: string[] = []
    const log = { info: (_: object, line: string) => { lines.push(line) }, warn: () => undefined } as any
    const specs = [{ name: 'rows', indexes: [] }]
    await migrate(db, specs, { migrations: [paint('1')], log })
    t.match(await recordsOf(db), [{ _id: '1', runs: 1 }])
    t.same(lines, [])
    await migrate(db, specs, { migrations: [paint('1'), paint('2')], log })
    t.same(lines, [texts.what], 'later migrations are')
  })

  void t.test('run again on request, for rows that old servers have written in the meantime', async t => {
    const db = newDatabase(t)
    await migrate(db, [], { migrations: [paint('1')] })
    await fill(db)
    await migrate(db, [], { migrations: [paint('1')] })
    t.notOk(await isPainted(db))
    await migrate(db, [], { migrations: [paint('1')], again: true })
    t.ok(await isPainted(db))
    t.match(await recordsOf(db), [{ runs: 2 }])
  })

  void t.test('with several concurrent processes, one runs them and the others wait', async t => {
    const db = newDatabase(t)
    await fill(db)
    const waiting: string[] = []
    const log = { info: () => undefined, warn: (line: string) => { waiting.push(line) } } as any
    const slow = paint('1', async () => { await sleep(20) })
    await Promise.all([1, 2, 3].map(async () => { await migrate(db, [], { migrations: [slow], log }) }))
    t.ok(await isPainted(db))
    t.match(await recordsOf(db), [{ runs: 1 }])
    t.equal(waiting.length, 2)
  })

  void t.test('one that fails is not recorded; the next start continues', async t => {
    const db = newDatabase(t)
    await fill(db)
    const failing = paint('1', async painted => { if (painted === 7) throw new Error('no more paint') })
    await t.rejects(migrate(db, [], { migrations: [failing] }), { message: 'no more paint' })
    t.same(await recordsOf(db), [])
    await migrate(db, [], { migrations: [paint('1')] })
    t.ok(await isPainted(db))
  })

  void t.test('servers migrate when they start', async t => {
    const { uri, client, name } = ownDatabase(t, 'migrate')
    await fill(client.db(name))
    await (await connectMongo(uri, 'none', 'a-test', [], { migrations: [paint('1')] })).close()
    t.ok(await isPainted(client.db(name)))
  })

  void t.test('by npm run migrate: once, and again on request; if it fails, one line and the exit code 1', async t => {
    const { uri, client, name } = ownDatabase(t, 'migrate')
    const db = client.db(name)
    const lines: string[] = []
    const run = async (args: readonly string[], migration = paint('1')): Promise<number> => {
      const database = { uri, defaultDatabase: 'none', collections: [] }
      const configure = () => ({ ...database, logLevel: 'silent', migrations: [migration], startupTimeout: 0 })
      return await runMigration('a-test', args, configure, line => { lines.push(line) })
    }
    t.same([await run([]), await run([]), await run(['--again'])], [0, 0, 0])
    t.match(await recordsOf(db), [{ _id: '1', runs: 2 }])
    t.equal(await run(['--twice']), 1)
    const failing = { id: '2', ...texts, run: async () => { throw new Error('no more paint') } }
    t.equal(await run([], failing), 1)
    t.match(lines, [/^laurel a-test migration: Unknown option '--twice'/, /^laurel a-test migration: .*no more paint/])
    t.match(await recordsOf(db), [{ _id: '1', runs: 2 }])
  })

  t.end()
})

t.test('the lock', { jobs: 8 }, t => {
  void t.test('one process after the other', async t => {
    const db = newDatabase(t)
    let inside = 0
    await Promise.all(Array.from({ length: 5 }, async () => {
      await withLock(db, 'a', async () => {
        inside += 1
        t.equal(inside, 1)
        await sleep(20)
        inside -= 1
      }, undefined, { retryInterval: 5 })
    }))
  })

  void t.test('lasts as long as the work', async t => {
    const db = newDatabase(t)
    const order: string[] = []
    const times = { lease: 2000, retryInterval: 10 }
    const startedAt = Date.now()
    const first = withLock(db, 'a', async check => {
      // The lease has been renewed beyond its initial duration.
      await eventually(async () => Date.now() > startedAt + 1.5 * times.lease)
      check()
      order.push('first')
    }, undefined, times)
    await eventually(async () => await db.collection('locks').findOne({ owner: { $ne: '' } }))
    let waits = 0
    await withLock(db, 'a', async () => { order.push('second') }, () => { waits += 1 }, times)
    await first
    t.same(order, ['first', 'second'])
    t.equal(waits, 1)
  })

  void t.test('is not held if MongoDB refuses to store it', async t => {
    const db = newDatabase(t)
    await db.createCollection('locks', { validator: { never: { $exists: true } } })
    await t.rejects(withLock(db, 'a', async () => { t.fail('the work has begun') }), { code: 121 })
  })

  void t.test('expires if its process dies', async t => {
    const db = newDatabase(t)
    const until = new Date(Date.now() + 500)
    await db.collection<{ _id: string }>('locks').insertOne({ _id: 'a', owner: 'a dead process', until } as any)
    await withLock(db, 'a', async () => undefined, undefined, { retryInterval: 10 })
    t.ok(new Date() >= until)
  })

  void t.test('is lost if its process is suspended for too long; the process then stops its work', async t => {
    const db = newDatabase(t)
    await t.rejects(withLock(db, 'a', async check => {
      check()
      // Another process has acquired the lock.
      await db.collection('locks').updateOne({}, { $set: { owner: 'another process' } })
      await eventually(async () => {
        check()
        return false
      }, 5000)
    }, undefined, { lease: 100 }), { message: /^The lock 'a' was lost/ })
    t.match(await db.collection('locks').findOne(), { owner: 'another process' })
  })

  t.end()
})
