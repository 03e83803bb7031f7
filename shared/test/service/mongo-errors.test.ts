import { setTimeout as sleep } from 'node:timers/promises'
import { insertUnordered, isDuplicateKeyError, translateMongoError } from '@laurel/shared/mongo'
import { MongoClient, MongoNetworkError, MongoServerError } from 'mongodb'
import t from 'tap'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'
import { startMongoLine } from '../../../test/kit/mongo/line.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'

const caught = async (promise: Promise<unknown>): Promise<unknown> => await promise.catch((error: unknown) => error)

t.test('503: an unreachable database', async t => {
  const client = new MongoClient(`mongodb://127.0.0.1:${await freePort()}`, { serverSelectionTimeoutMS: 100 })
  const error = await caught(client.db('x').collection('y').findOne())
  t.match(translateMongoError(error), {
    kind: 'unavailable',
    code: 'SERVICE_UNAVAILABLE',
    message: 'The database is not available; retry after 1 second.',
    extras: { retryAfter: 1 }
  })
})

t.test('503: a connection that breaks during a bulk write', async t => {
  const { uri, name } = ownDatabase(t, 'line')
  const line = await startMongoLine(t, uri)
  const client = await MongoClient.connect(line.uri, { retryWrites: false })
  t.teardown(async () => { await client.close() })
  line.loseAnswersTo('insert')
  const write = caught(client.db(name).collection('y').bulkWrite([{ insertOne: { document: {} } }]))
  await sleep(100)
  line.cut()
  const error = await write
  t.match(error, { name: 'MongoBulkWriteError' })
  t.match(translateMongoError(error), { kind: 'unavailable' })
})

t.test('503: a query that exceeds its time limit', async t => {
  const { client, name } = ownDatabase(t, 'slow')
  const things = client.db(name).collection('things')
  await things.insertOne({ a: 1 })
  const error = await caught(things.findOne({ $where: 'sleep(500) || true' }, { maxTimeMS: 20 }))
  t.match(error, { code: 50 })
  t.match(translateMongoError(error), { kind: 'unavailable' })
})

class PoolClearedOnNetworkError extends MongoNetworkError {
  override get name (): string { return 'PoolClearedOnNetworkError' }
}

t.test('503: an election, with any error of the driver', async t => {
  for (const label of ['RetryableWriteError', 'RetryableError', 'TransientTransactionError']) {
    const error = new MongoServerError({ errmsg: 'not primary', code: 10107, errorLabels: [label] })
    t.match(translateMongoError(error), { kind: 'unavailable' }, label)
  }
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
  t.match(translateMongoError(broken), { kind: 'unavailable' }, 'a socket that breaks during a write')
  for (const code of [6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]) {
    const error = new MongoServerError({ errmsg: 'away', code })
    t.match(translateMongoError(error), { kind: 'unavailable' }, `a read without a label: ${code}`)
  }
  t.match(translateMongoError(new PoolClearedOnNetworkError('pool cleared')), { kind: 'unavailable' }, 'a subclass')
  const networkError = new MongoNetworkError('connection 4 to 10.0.0.7:27017 closed')
  t.match(translateMongoError(networkError), { kind: 'unavailable', message: /^[^:]+$/ })
})

t.test('a row that MongoDB rejects is an error of the insertion; a row that collides is reported', async t => {
  const { client, name } = ownDatabase(t, 'insert')
  const db = client.db(name)
  await db.createCollection('things', { validator: { kind: { $ne: 'refused' } } })
  const things = db.collection<{ _id: number, kind?: string }>('things')
  t.same(await insertUnordered(things, [{ _id: 1 }, { _id: 2 }]), [])
  t.match(await insertUnordered(things, [{ _id: 2 }, { _id: 3 }]), [{ index: 0 }])
  await t.rejects(insertUnordered(things, [{ _id: 4 }, { _id: 5, kind: 'refused' }]), { code: 121 })
  t.equal(await things.countDocuments(), 4, 'the other one was inserted')
})

t.test('our own bugs are not translated', async t => {
  const { client, name } = ownDatabase(t, 'bugs')
  const things = client.db(name).collection<{ _id: number }>('things')
  await things.insertOne({ _id: 1 })
  const duplicate = await caught(things.insertOne({ _id: 1 }))
  t.equal(isDuplicateKeyError(duplicate), true)
  const invalidQuery = await caught(things.findOne({ $nonsense: 1 } as never))
  t.type(invalidQuery, MongoServerError)
  t.equal(isDuplicateKeyError(invalidQuery), false)
  const duplicates = await caught(things.bulkWrite([{ insertOne: { document: { _id: 1 } } }]))
  const invalidUpdate = await caught(things.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $set: { 'a..b': 1 } } } }
  ]))
  for (const error of [
    duplicate, invalidQuery, duplicates, invalidUpdate, new Error('away'), undefined, 'away',
    { name: 'MongoNetworkError' }
  ]) {
    t.equal(translateMongoError(error), undefined)
  }
})
