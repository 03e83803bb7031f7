import { setTimeout as sleep } from 'node:timers/promises'
import { connectMongo, inTransaction, translateMongoError, isDuplicateKey, type CollectionSpec } from '@laurel/shared/mongo'
import { MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import t from 'tap'
import { mongoUri, ownDatabase } from '../../test/kit/database.ts'
import { startMongoLine } from '../../test/kit/mongo-line.ts'
import { freePort } from '../../test/kit/ports.ts'
import { startStandalone } from './support/standalone.ts'

const spec: readonly CollectionSpec[] = [
  { name: 'things', indexes: [{ name: 'unique_key', key: { a: 1, b: -1 }, unique: true }, { name: 'by_time', key: { createdAt: 1 } }] },
  { name: 'plain', indexes: [] }
]

t.test('the connection to MongoDB; some of it waits for a server that is not there', { jobs: 10 }, t => {
  void t.test('a connection comes with its collections and indexes, and a second start changes nothing', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    for (const start of ['first', 'second']) {
      const mongo = await connectMongo(uri, 'not_this_one', 'a-test', spec)
      t.equal(mongo.db.databaseName, name, 'the URI names the database')
      t.same((await client.db(name).listCollections().toArray()).map(({ name }) => name).sort(), ['plain', 'things'], start)
      t.match(await client.db(name).collection('things').indexes(), [{ name: '_id_' }, { name: 'unique_key', key: { a: 1, b: -1 }, unique: true }, { name: 'by_time' }])
      await mongo.ping()
      await mongo.close()
      await t.rejects(mongo.ping())
    }
  })

  void t.test('servers that start at the same time do not collide', async t => {
    const { uri } = ownDatabase(t, 'connect')
    const mongos = await Promise.all(Array.from({ length: 4 }, async () => await connectMongo(uri, 'x', 'a-test', spec)))
    await Promise.all(mongos.map(async mongo => { await mongo.close() }))
  })

  void t.test('every write is journaled by the majority and every read sees only such writes', async t => {
    const { uri } = ownDatabase(t, 'connect')
    const { db, close } = await connectMongo(uri, 'x', 'a-test', [])
    t.teardown(close)
    t.match(db.writeConcern, { w: 'majority', journal: true })
    t.equal(db.readConcern?.level, 'majority')
    t.equal(db.readPreference.mode, 'primary')
  })

  void t.test('a URI that names no database has the default one', async t => {
    const { db, close } = await connectMongo(mongoUri(), 'test_default_name', 'a-test', [])
    t.teardown(close)
    t.equal(db.databaseName, 'test_default_name')
  })

  void t.test('no start without a unique index: values are there twice', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    await client.db(name).collection('things').insertMany([{ a: 1, b: 1 }, { a: 1, b: 1 }])
    await t.rejects(connectMongo(uri, 'x', 'a-test', spec), { name: 'StartupError', message: /^MongoDB: things or its indexes cannot be made: .*duplicate key/ })
  })

  void t.test('no start without a unique index: another one has its name', async t => {
    const { uri, name, client } = ownDatabase(t, 'connect')
    await client.db(name).collection('things').createIndex({ a: 1, b: -1 }, { name: 'unique_key' })
    await t.rejects(connectMongo(uri, 'x', 'a-test', spec), { name: 'StartupError', message: /^MongoDB: things or its indexes cannot be made: / })
  })

  void t.test('no start with a collection that cannot be', async t => {
    const { uri } = ownDatabase(t, 'connect')
    await t.rejects(connectMongo(uri, 'x', 'a-test', [{ name: 'a$b', indexes: [] }]), { name: 'StartupError', message: /^MongoDB: a\$b or its indexes cannot be made: / })
  })

  void t.test('a mongod without a replica set is refused in one line that says what to do', async t => {
    await t.rejects(connectMongo(await startStandalone(t), 'x', 'a-test', spec), {
      name: 'StartupError', message: 'MONGODB_URI: this mongod is no replica set; start it with --replSet'
    })
  })

  void t.test('a MongoDB that is away is told within ten seconds, without the password', async t => {
    const begin = Date.now()
    const error = await connectMongo(`mongodb://user:hunter2canary@127.0.0.1:${await freePort()}/?replicaSet=rs`, 'x', 'a-test', spec).catch((error: unknown) => error as Error)
    t.match(error, { name: 'StartupError', message: /^MONGODB_URI: MongoDB cannot be reached \(.+\)$/ })
    t.notMatch(JSON.stringify(error) + String((error as Error).message), 'hunter2canary')
    t.ok(Date.now() - begin < 10_000)
  })

  for (const uri of [
    'mongodb://', 'mongodb://user:hunter2canary@', 'mongodb://user:hunter2/canary@127.0.0.1', 'mongodb://user:hunter2@canary@127.0.0.1', 'mongodb://user:%zz@127.0.0.1', 'mongodb://127.0.0.1:x', 'mongodb://127.0.0.1:99999',
    'mongodb://user:hunter2canary@127.0.0.1/?noSuchOption=1', 'mongodb://user:hunter2canary@127.0.0.1/?w=', 'mongodb://127.0.0.1/my.database', 'nonsense'
  ]) {
    t.test(`a URI that is none is told in one line, without the password: ${uri}`, async t => {
      const error = await connectMongo(uri, 'x', 'a-test', []).catch((error: unknown) => error as Error)
      t.match(error, { name: 'StartupError', message: /^MONGODB_URI is not valid: .+$/ })
      t.notMatch((error as Error).message, /hunter2|canary/)
    })
  }

  void t.test('503: a database that is away', async t => {
    const client = new MongoClient(`mongodb://127.0.0.1:${await freePort()}`, { serverSelectionTimeoutMS: 100 })
    const error: unknown = await client.db('x').collection('y').findOne().catch((error: unknown) => error)
    t.match(translateMongoError(error), { kind: 'unavailable', code: 'SERVICE_UNAVAILABLE', message: 'The database does not answer at the moment', extras: { retryAfter: 1 } })
  })

  void t.test('503: a database that goes away under many writes at once', async t => {
    const { uri, name } = ownDatabase(t, 'line')
    const line = await startMongoLine(t, uri)
    const client = await MongoClient.connect(line.uri, { retryWrites: false })
    t.teardown(async () => { await client.close() })
    line.loseAnswersTo('insert')
    const writing = client.db(name).collection('y').bulkWrite([{ insertOne: { document: {} } }]).catch((error: unknown) => error)
    await sleep(100)
    line.cut()
    const error = await writing
    t.match(error, { name: 'MongoBulkWriteError' })
    t.match(translateMongoError(error), { kind: 'unavailable' })
  })

  void t.test('503: a query that takes longer than it may', async t => {
    const { client, name } = ownDatabase(t, 'slow')
    await client.db(name).collection('things').insertOne({ a: 1 })
    const error: unknown = await client.db(name).collection('things').findOne({ $where: 'sleep(500) || true' }, { maxTimeMS: 20 }).catch((error: unknown) => error)
    t.match(error, { code: 50 })
    t.match(translateMongoError(error), { kind: 'unavailable' })
  })

  class PoolClearedOnNetworkError extends MongoNetworkError {
    override get name (): string { return 'PoolClearedOnNetworkError' }
  }

  void t.test('503: an election, whatever the driver calls it', async t => {
    for (const label of ['RetryableWriteError', 'RetryableError', 'TransientTransactionError']) {
      t.match(translateMongoError(new MongoServerError({ errmsg: 'not primary', code: 10107, errorLabels: [label] })), { kind: 'unavailable' }, label)
    }
    t.match(translateMongoError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })), { kind: 'unavailable' }, 'a socket that broke under a write')
    for (const code of [6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]) {
      t.match(translateMongoError(new MongoServerError({ errmsg: 'away', code })), { kind: 'unavailable' }, `a read has no label: ${code}`)
    }
    t.match(translateMongoError(new PoolClearedOnNetworkError('pool cleared')), { kind: 'unavailable' }, 'of whatever name')
    t.match(translateMongoError(new MongoNetworkError('connection 4 to 10.0.0.7:27017 closed')), { kind: 'unavailable', message: /^[^0-9]+$/ })
  })

  void t.test('our own mistakes stay mistakes: 500', async t => {
    const { client, name } = ownDatabase(t, 'mistakes')
    const things = client.db(name).collection<{ _id: number }>('things')
    await things.insertOne({ _id: 1 })
    const duplicate: unknown = await things.insertOne({ _id: 1 }).catch((error: unknown) => error)
    t.equal(isDuplicateKey(duplicate), true)
    const mistake: unknown = await things.findOne({ $nonsense: 1 } as never).catch((error: unknown) => error)
    t.type(mistake, MongoServerError)
    t.equal(isDuplicateKey(mistake), false)
    const manyDuplicates: unknown = await things.bulkWrite([{ insertOne: { document: { _id: 1 } } }]).catch((error: unknown) => error)
    const refused: unknown = await things.bulkWrite([{ updateOne: { filter: { _id: 1 }, update: { $set: { 'a..b': 1 } } } }]).catch((error: unknown) => error)
    for (const error of [duplicate, mistake, manyDuplicates, refused, new Error('away'), undefined, 'away', { name: 'MongoNetworkError' }]) t.equal(translateMongoError(error), undefined)
  })
  t.end()
})

t.test('503: a document that an open transaction holds is not waited for for minutes', async t => {
  const { uri, client, name } = ownDatabase(t, 'held')
  const { db, close } = await connectMongo(uri, 'x', 'a-test', [{ name: 'things', indexes: [] }])
  t.teardown(close)
  const things = client.db(name).collection<{ _id: string, n?: number }>('things')
  await things.insertOne({ _id: 'held' })
  const dead = client.startSession()
  t.teardown(async () => { await dead.endSession() })
  dead.startTransaction()
  await things.updateOne({ _id: 'held' }, { $set: { n: 1 } }, { session: dead })
  await t.rejects(inTransaction(db, async session => await db.collection<{ _id: string, n?: number }>('things').updateOne({ _id: 'held' }, { $set: { n: 2 } }, { session })), { kind: 'unavailable', code: 'SERVICE_UNAVAILABLE' })
})
