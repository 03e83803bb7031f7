import { MongoClient, Timestamp, type CommandStartedEvent } from 'mongodb'
import t from 'tap'
import { readOwnWrites } from '../../src/mongo/own-writes.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'

const { uri, name } = ownDatabase(t, 'own')
const client = new MongoClient(uri, {
  monitorCommands: true, readConcernLevel: 'majority', writeConcern: { w: 'majority' }
})
readOwnWrites(client)
t.teardown(async () => { await client.close() })
const commands: CommandStartedEvent[] = []
client.on('commandStarted', command => { commands.push(command) })
const rows = client.db(name).collection<{ _id: number }>('rows')

/** Returns the `afterClusterTime` of the last command, for which the server waits. */
function followedTime (): Timestamp | undefined {
  return commands.at(-1)?.command['readConcern']?.afterClusterTime
}

/** Tells a client what the driver found out about a server. */
function announce (
  to: MongoClient, server: { type: 'RSPrimary' | 'Mongos', address: string, electionId?: string }
): void {
  to.emit('topologyDescriptionChanged', { newDescription: { servers: new Map([[server.address, server]]) } } as never)
}

t.test('reads contain no time until a server is elected, or if the primaries are unknown', async t => {
  const { hosts: [address] } = await client.db('admin').command({ hello: 1 }) as { hosts: [string] }
  for (const found of [
    { type: 'RSPrimary', address: 'localhost:1', electionId: '1' },
    // The same server was elected again.
    { type: 'RSPrimary', address, electionId: '1' },
    { type: 'Mongos', address: 'localhost:1' }
  ] as const) {
    const other = new MongoClient(uri, { monitorCommands: true, readConcernLevel: 'majority' })
    readOwnWrites(other)
    let time: Timestamp | undefined
    other.on('commandStarted', ({ command }) => { time = command['readConcern']?.afterClusterTime })
    const others = other.db(name).collection<{ written?: boolean }>('others')
    await others.insertOne({ written: true })
    await others.findOne({})
    t.equal(time, undefined)
    const session = other.startSession()
    announce(other, found)
    await others.findOne({}, { session })
    t.ok(time !== undefined, 'in a session that was started before')
    await session.endSession()
    await others.findOne({})
    t.ok(time !== undefined)
    await other.close()
  }
  announce(client, { type: 'Mongos', address: 'localhost:1' })
})

t.test('a read sees all writes that were acknowledged to this process, also in sessions and transactions', async t => {
  for (const write of [
    async () => { await rows.insertOne({ _id: 1 }) },
    async () => { await rows.findOneAndUpdate({ _id: 1 }, { $set: { changed: true } }) },
    async () => {
      await client.withSession(async session => await session.withTransaction(async () => {
        await rows.insertOne({ _id: 2 }, { session })
      }))
    }
  ]) {
    const before = followedTime() ?? new Timestamp(0n)
    await write()
    await rows.findOne({})
    t.ok(followedTime()?.greaterThan(before), 'findOne')
    const last = followedTime() ?? before
    await rows.aggregate([{ $match: {} }]).toArray()
    t.ok(followedTime()?.greaterThanOrEqual(last), 'aggregate')
    await client.withSession(async session => await rows.countDocuments({}, { session }))
    t.ok(followedTime()?.greaterThanOrEqual(last), 'an explicit session')
    await client.withSession(async session => await session.withTransaction(async () => {
      await rows.findOne({}, { session })
      t.ok(followedTime()?.greaterThanOrEqual(last), 'a transaction')
    }))
  }
})

t.test('reads do not wait for a write in a session without causal consistency', async t => {
  let written: Timestamp | undefined
  client.once('commandSucceeded', ({ reply }) => { written = (reply as { operationTime: Timestamp }).operationTime })
  await client.withSession({ causalConsistency: false }, async session => {
    await rows.insertOne({ _id: 3 }, { session, writeConcern: { w: 1 } })
  })
  await rows.findOne({})
  t.ok(written !== undefined && followedTime()?.lessThan(written))
})

t.test('a command never contains an earlier time than the previous one, even if its session is older', async t => {
  await client.withSession(async session => {
    await rows.insertOne({ _id: 4 })
    await rows.findOne({})
    const last = followedTime()
    await rows.findOne({}, { session })
    t.ok(last !== undefined && followedTime()?.greaterThanOrEqual(last))
  })
})
