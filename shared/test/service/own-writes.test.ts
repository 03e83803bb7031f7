import { setImmediate } from 'node:timers/promises'
import { MongoClient, Timestamp, type ClientSession, type CommandStartedEvent } from 'mongodb'
import t, { type Test } from 'tap'
import { readOwnWrites } from '../../src/mongo/own-writes.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'

const { uri, name } = ownDatabase(t, 'own')
const options = { monitorCommands: true, readConcernLevel: 'majority', writeConcern: { w: 'majority' } } as const
const client = new MongoClient(uri, options)
readOwnWrites(client.db(name))
t.teardown(async () => { await client.close() })
const commands: CommandStartedEvent[] = []
client.on('commandStarted', command => { commands.push(command) })
const rows = client.db(name).collection<{ _id: number }>('rows')

/** Returns the `afterClusterTime` of the last command, for which the server waits. */
function followedTime (): Timestamp | undefined {
  return commands.at(-1)?.command['readConcern']?.afterClusterTime
}

interface Server {
  readonly type: 'RSPrimary' | 'Mongos'
  readonly address: string
  readonly electionId?: string
}

/** Tells a client what the driver found out about a server. */
function announce (to: MongoClient, server: Server): void {
  to.emit('topologyDescriptionChanged', { newDescription: { servers: new Map([[server.address, server]]) } } as never)
}

/** A new client, whose commands have contained no time yet. */
function createOther (t: Test) {
  const other = new MongoClient(uri, options)
  t.teardown(async () => { await other.close() })
  readOwnWrites(other.db(name))
  const others = other.db(name).collection<{ written?: boolean }>('others')
  let time: Timestamp | undefined
  other.on('commandStarted', ({ commandName, command }) => {
    if (commandName !== 'find') return
    time = command['readConcern'].afterClusterTime
    if (time === undefined) return
    t.ok(command['$clusterTime'].clusterTime.greaterThanOrEqual(time), 'the server learns the time from the read')
  })
  const written = new Promise<void>(resolve => {
    other.on('commandSucceeded', ({ commandName }) => { if (commandName === 'update') resolve() })
  })
  return {
    announce: (server: Server) => { announce(other, server) },
    startSession: () => other.startSession(),
    write: async () => { await others.insertOne({ written: true }) },
    /** Reads, and returns the time that the read contained. */
    read: async (options: { session?: ClientSession, maxTimeMS?: number } = {}) => {
      await others.findOne({}, options)
      return time
    },
    /** Resolves when the write after an election has been acknowledged. */
    written
  }
}

t.test('after an election, reads contain the time until a write of this process is acknowledged', async t => {
  const { hosts: [address] } = await client.db('admin').command({ hello: 1 }) as { hosts: [string] }
  for (const { isOlder, ...found } of [
    { type: 'RSPrimary', address: 'localhost:1', electionId: '1', isOlder: false },
    { type: 'RSPrimary', address: 'localhost:1', electionId: '1', isOlder: true },
    // The same server was elected again.
    { type: 'RSPrimary', address, electionId: '1', isOlder: false }
  ] as const) {
    const { announce, startSession, write, read, written } = createOther(t)
    await write()
    t.equal(await read(), undefined)
    const session = startSession()
    announce(found)
    t.ok(await read(isOlder ? { session } : {}) !== undefined, isOlder ? 'in an older session' : 'in a new session')
    await session.endSession()
    await written
    await setImmediate()
    const last = await read()
    await write()
    t.same(await read(), last, 'the time is not advanced')
  }
})

t.test('behind a mongos, every read contains the time, because elections are not visible', async t => {
  const { announce, startSession, write, read } = createOther(t)
  await write()
  const session = startSession()
  announce({ type: 'Mongos', address: 'localhost:1' })
  t.ok(await read({ session }) !== undefined, 'in a session that was started before')
  await session.endSession()
  const last = await read()
  await write()
  t.ok(last !== undefined && (await read())?.greaterThan(last))
})

// Every read contains the time from now on.
announce(client, { type: 'Mongos', address: 'localhost:1' })

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

t.test('a new primary that lost the time of the last write neither refuses reads nor makes them wait', async t => {
  const { announce, startSession, write, read } = createOther(t)
  // The read below must not use a new connection, on which the server sends the time after the write of this process.
  await Promise.all([write(), write(), write()])
  const session = startSession()
  await read({ session })
  const { clusterTime } = session
  if (clusterTime === undefined) throw new Error('the server sends no cluster time')
  const lost = new Timestamp({ t: clusterTime.clusterTime.getHighBits() + 1, i: 1 })
  session.advanceOperationTime(lost)
  session.advanceClusterTime({ ...clusterTime, clusterTime: lost })
  await session.endSession()
  announce({ type: 'RSPrimary', address: 'localhost:1', electionId: '1' })
  // Without a write, the server would wait for up to 20 seconds.
  t.ok((await read({ maxTimeMS: 4000 }))?.greaterThanOrEqual(lost))
})
