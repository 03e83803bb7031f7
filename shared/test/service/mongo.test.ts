import { setTimeout as sleep } from 'node:timers/promises'
import { connectMongo, inTransaction, type CollectionSpec, type ConnectOptions } from '@laurel/shared/mongo'
import t from 'tap'
import { mongoUri, ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoLine } from '../../../test/kit/mongo/line.ts'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { startStandalone } from '../support/standalone.ts'

const specs: readonly CollectionSpec[] = [
  {
    name: 'things',
    indexes: [
      { name: 'unique_key', key: { a: 1, b: -1 }, unique: true },
      { name: 'by_time', key: { createdAt: 1 } }
    ]
  },
  { name: 'plain', indexes: [] }
]

const connect = async (uri: string, collections = specs, options: ConnectOptions = { startupTimeout: 0 }) =>
  await connectMongo(uri, 'default_name', 'a-test', collections, options)

async function connectError (uri: string, collections = specs): Promise<Error> {
  return await connect(uri, collections).then(() => new Error('connected'), (error: unknown) => error as Error)
}

t.test('connecting to MongoDB', { jobs: 10 }, t => {
  void t.test('creates the collections and indexes; a second start changes nothing', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    for (const start of ['first', 'second']) {
      const mongo = await connect(uri)
      t.equal(mongo.db.databaseName, name, 'the URI names the database')
      const collections = await client.db(name).listCollections().toArray()
      t.same(collections.map(({ name }) => name).sort(), ['plain', 'things'], start)
      t.match(await client.db(name).collection('things').indexes(), [
        { name: '_id_' },
        { name: 'unique_key', key: { a: 1, b: -1 }, unique: true },
        { name: 'by_time' }
      ])
      await mongo.ping()
      await mongo.close()
      await t.rejects(mongo.ping())
    }
  })

  void t.test('several servers can start at the same time', async t => {
    const { uri } = ownDatabase(t, 'connect')
    const mongos = await Promise.all(Array.from({ length: 4 }, async () => await connect(uri)))
    await Promise.all(mongos.map(async mongo => { await mongo.close() }))
  })

  void t.test('every write is journaled by the majority, and every read sees only such writes', async t => {
    const { uri } = ownDatabase(t, 'connect')
    const { db, close } = await connect(uri, [])
    t.teardown(close)
    t.match(db.writeConcern, { w: 'majority', journal: true })
    t.equal(db.readConcern?.level, 'majority')
    t.equal(db.readPreference.mode, 'primary')
  })

  void t.test('a URI without a database uses the default one', async t => {
    const { db, close } = await connect(mongoUri(), [])
    t.teardown(close)
    t.equal(db.databaseName, 'default_name')
  })

  void t.test('the start fails without a unique index: duplicate values', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    await client.db(name).collection('things').insertMany([{ a: 1, b: 1 }, { a: 1, b: 1 }])
    const message = /^MongoDB: cannot create things or its indexes: .*duplicate key/
    t.match(await connectError(uri), { name: 'StartupError', message })
  })

  void t.test('the start fails without a unique index: another index has its name', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    await client.db(name).collection('things').createIndex({ a: 1, b: -1 }, { name: 'unique_key' })
    const message = /^MongoDB: cannot create things or its indexes: /
    t.match(await connectError(uri), { name: 'StartupError', message })
  })

  void t.test('the start fails without a collection', async t => {
    const { uri } = ownDatabase(t, 'connect')
    const message = /^MongoDB: cannot create a\$b or its indexes: /
    t.match(await connectError(uri, [{ name: 'a$b', indexes: [] }]), { name: 'StartupError', message })
  })

  void t.test('an index of an earlier version is dropped if it exists', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    const things = client.db(name).collection('things')
    await things.createIndex({ old: 1 }, { name: 'old' })
    const present = [{ name: 'things', indexes: [], obsoleteIndexes: ['old'] }]
    for (const start of ['first', 'second']) {
      await (await connect(uri, present)).close()
      t.match(await things.indexes(), [{ name: '_id_' }], start)
    }
    const error = await connectError(uri, [{ name: 'things', indexes: [], obsoleteIndexes: ['_id_'] }])
    t.match(error, { name: 'StartupError', message: /^MongoDB: cannot create things or its indexes: .*_id/ })
  })

  void t.test('a MongoDB that exits while collections are created counts as unreachable', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    const line = await startMongoLine(t, uri)
    line.loseAnswersTo('create')
    const connecting = connectError(line.uri)
    await eventually(async () => (await client.db(name).listCollections().toArray()).length > 0)
    line.cut()
    t.match(await connecting, { name: 'StartupError', message: /^MONGODB_URI: cannot reach MongoDB/ })
  })

  void t.test('a mongod without a replica set is rejected in one line that explains what to do', async t => {
    t.match(await connectError(await startStandalone(t)), {
      name: 'StartupError', message: 'MONGODB_URI: this mongod is not a replica set; start it with --replSet'
    })
  })

  void t.test('the server waits for a replica set that is not initiated yet, and logs it once', async t => {
    const uri = await startStandalone(t, { isreplicaset: true })
    const lines: string[] = []
    const log = { info: (_fields: object, line: string) => { lines.push(line) } } as unknown as ConnectOptions['log']
    await t.rejects(connect(uri, [], { startupTimeout: 6000, ...(log && { log }) }), {
      name: 'StartupError', message: /^MONGODB_URI: cannot reach MongoDB \(Server selection timed out/
    })
    t.same(lines, ['waiting for MongoDB'])
  })

  void t.test('an unreachable MongoDB is reported within ten seconds, without the password', async t => {
    const start = Date.now()
    const error = await connectError(`mongodb://user:hunter2canary@127.0.0.1:${await freePort()}/?replicaSet=rs`)
    t.match(error, { name: 'StartupError', message: /^MONGODB_URI: cannot reach MongoDB \(.+\)$/ })
    t.notMatch(JSON.stringify(error) + error.message, 'hunter2canary')
    t.ok(Date.now() - start < 10_000)
  })

  for (const uri of [
    'mongodb://', 'mongodb://user:hunter2canary@', 'mongodb://user:hunter2/canary@127.0.0.1',
    'mongodb://user:hunter2@canary@127.0.0.1', 'mongodb://user:%zz@127.0.0.1', 'mongodb://127.0.0.1:x',
    'mongodb://127.0.0.1:99999', 'mongodb://user:hunter2canary@127.0.0.1/?noSuchOption=1',
    'mongodb://user:hunter2canary@127.0.0.1/?w=', 'mongodb://127.0.0.1/my.database', 'nonsense'
  ]) {
    void t.test(`an invalid URI is reported in one line, without the password: ${uri}`, async t => {
      const error = await connectError(uri, [])
      t.match(error, { name: 'StartupError', message: /^MONGODB_URI is not valid: .+$/ })
      t.notMatch(error.message, /hunter2|canary/)
    })
  }
  t.end()
})

t.test('503 for a document that another transaction holds, within seconds', async t => {
  const { uri, client, name } = ownDatabase(t, 'held')
  const { db, close } = await connect(uri, [{ name: 'things', indexes: [] }])
  t.teardown(close)
  interface Thing { _id: string, n?: number }
  const things = client.db(name).collection<Thing>('things')
  await things.insertOne({ _id: 'held' })

  const holder = client.startSession()
  t.teardown(async () => { await holder.endSession() })
  holder.startTransaction()
  await things.updateOne({ _id: 'held' }, { $set: { n: 1 } }, { session: holder })

  const blocked = inTransaction(db, async session =>
    await db.collection<Thing>('things').updateOne({ _id: 'held' }, { $set: { n: 2 } }, { session }))
  await t.rejects(blocked, {
    kind: 'unavailable', code: 'SERVICE_UNAVAILABLE', message: 'Conflicting change in progress; retry after 2 seconds.'
  })
})

t.test('a transaction that ends returns what its work returns', async t => {
  const { uri } = ownDatabase(t, 'returns')
  const { db, close } = await connect(uri, [])
  t.teardown(close)
  t.equal(await inTransaction(db, async () => await sleep(0, 'result')), 'result')
})
