import type { Db } from 'mongodb'
import t, { type Test } from 'tap'
import { ownDatabase } from '../../kit/mongo/database.ts'
import { startMongoGate } from '../../kit/mongo/gate.ts'
import { startScript, type Child } from '../../kit/servers/child.ts'
import { dump, restore } from './dump.ts'

/** Returns the database of auth-service in the state of version 0.1.0. */
async function oldDatabase (t: Test): Promise<{ readonly uri: string, readonly db: Db }> {
  const { uri, client, name } = ownDatabase(t, 'auth')
  await restore(client, name, dump.auth)
  return { uri, db: client.db(name) }
}

/** Runs the migration of a service like `npm run migrate`. */
function migrate (t: Test, service: 'auth' | 'event', uri: string, args: readonly string[] = []): Child {
  const script = new URL(`../../../${service}-service/dist/migrate.js`, import.meta.url)
  return startScript(t, script, { [`${service.toUpperCase()}_MONGODB_URI`]: uri }, args)
}

async function namesOf (db: Db): Promise<Array<readonly [name: string | null, searchName: unknown]>> {
  const users = await db.collection('users').find().sort({ _id: 1 }).toArray()
  return users.map(({ name, searchName }) => [name, searchName])
}

const migrated = dump.auth['users']?.documents
  .toSorted((a, b) => a['_id'] < b['_id'] ? -1 : 1)
  .map(({ name }) => [name, name === null ? null : name.toLowerCase()])

t.test('npm run migrate', { jobs: 3 }, t => {
  void t.test('by two concurrent processes, and again', async t => {
    const { uri, db } = await oldDatabase(t)
    const both = [migrate(t, 'auth', uri), migrate(t, 'auth', uri)]
    for (const { exited } of both) t.match(await exited, { code: 0 })
    t.same(await namesOf(db), migrated)
    const { exited, log } = migrate(t, 'auth', uri)
    t.match(await exited, { code: 0 })
    t.match(log(), [{ name: 'auth-service migration', msg: 'the database is up to date' }])
    t.match(await db.collection('migrations').find().toArray(), [{ _id: '0001-search-names', runs: 1 }])

    await t.test('old servers keep running during a migration, and their writes are migrated with --again', async t => {
      const users = db.collection<{ _id: string }>('users')
      const isScan = async (filter: object): Promise<boolean> =>
        JSON.stringify(await users.find(filter).explain('queryPlanner')).includes('COLLSCAN')
      // The queries of 0.1.0 for a login and for the list of an ADMIN, and the index that registrations depend on.
      t.notOk(await isScan({ email: 'kim@example.com' }))
      t.notOk(await isScan({ email: { $gte: 'kim', $lt: 'kim\u{10FFFF}' } }))
      const old = { ...dump.auth['users']?.documents[0], _id: 'new', referralCode: 'NEW' }
      await t.rejects(users.insertOne(old), { code: 11000, keyPattern: { email: 1 } })
      await users.insertOne({ ...old, email: 'new@example.com', name: 'ÖZGE' } as any)
      const sessions = await db.collection('sessions').indexes()
      const isKept = sessions.some(({ name }) => name === 'by_user_and_creation')
      t.ok(isKept, 'an index of 0.1.0 is kept for one more version')
      t.match(await migrate(t, 'auth', uri, ['--again']).exited, { code: 0 })
      t.match(await users.findOne({ _id: 'new' }), { searchName: 'özge' })
      t.match(await db.collection('migrations').find().toArray(), [{ runs: 2 }])
    })
  })

  void t.test('killed in the middle, and run again', async t => {
    const { uri, db } = await oldDatabase(t)
    const gate = await startMongoGate(t, uri)
    const { reached, open } = gate.hold('update', 'users')
    const killed = migrate(t, 'auth', gate.uri)
    await reached
    killed.process.kill('SIGKILL')
    await killed.exited
    t.same(await db.collection('migrations').find().toArray(), [])
    const next = migrate(t, 'auth', uri)
    t.match(await next.exited, { code: 0 })
    open()
    t.same(await namesOf(db), migrated)
  })

  void t.test('of event-service, with indexes that cannot be created: one line, and the exit code 1', async t => {
    const { uri, client, name } = ownDatabase(t, 'event')
    await client.db(name).collection('claims').insertMany([{ eventId: 'a', slot: 1 }, { eventId: 'a', slot: 1 }])
    const failed = migrate(t, 'event', uri)
    t.match(await failed.exited, { code: 1 })
    t.match(failed.stderr(), /^laurel event-service migration: MongoDB: cannot create claims or its indexes: .*\n$/)
    await client.db(name).collection('claims').deleteMany({})
    t.match(await migrate(t, 'event', uri).exited, { code: 0 })
  })

  t.end()
})
