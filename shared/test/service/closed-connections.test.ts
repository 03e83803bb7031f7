import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { connectMongo } from '../../src/mongo/index.ts'
import { ownDatabase } from '../../../test/kit/mongo/database.ts'

const { uri, name } = ownDatabase(t, 'closed')
/** More than the buffers of a connection can hold, so that the driver waits for `drain`. */
const big = 'x'.repeat(12_000_000)

const options = { timeout: 20_000 }

/** A client that can lose all of its connections. */
async function connect (t: Test, parameters = '') {
  const sockets = new Set<Socket>()
  const add = (message: unknown): void => { sockets.add((message as { socket: Socket }).socket) }
  subscribe('net.client.socket', add)
  t.teardown(() => { unsubscribe('net.client.socket', add) })
  const { db, close } = await connectMongo(`${uri}${parameters}`, name, 'test', [])
  t.teardown(close)
  return {
    rows: db.collection<{ _id: number, text?: string }>('rows'),
    loseConnections () {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    }
  }
}

t.test('a command on a connection that is just being closed is sent again', options, async t => {
  const { rows, loseConnections } = await connect(t)
  await rows.insertOne({ _id: 1 })
  // More than the connections of the pool, because a command that hangs keeps its connection.
  for (let id = 2; id < 100; id++) {
    loseConnections()
    await rows.insertOne({ _id: id })
    loseConnections()
    t.match(await rows.findOne({ _id: id }), { _id: id })
  }
})

t.test('a command that is still being written when the connection closes is sent again', options, async t => {
  const { rows, loseConnections } = await connect(t)
  await rows.insertOne({ _id: 100 })
  const written = rows.updateOne({ _id: 100 }, { $set: { text: big } })
  await setImmediate()
  loseConnections()
  await written
  t.match(await rows.findOne({ _id: 100 }), { text: big })
})

t.test('a command that is still being compressed when the connection closes is sent again', options, async t => {
  const { rows, loseConnections } = await connect(t, '&compressors=zlib')
  await rows.insertOne({ _id: 103 })
  const written = rows.updateOne({ _id: 103 }, { $set: { text: big } })
  await setImmediate()
  loseConnections()
  await written
  t.match(await rows.findOne({ _id: 103 }), { text: big })
})

t.test('other writes fail when the connection closes, and the client remains usable', options, async t => {
  const { rows, loseConnections } = await connect(t)
  await rows.insertMany([{ _id: 101 }, { _id: 102 }])
  const written = rows.updateMany({ _id: { $gt: 100 } }, { $set: { text: big } })
  await setImmediate()
  loseConnections()
  await t.rejects(written, { name: 'MongoNetworkError' })
  t.match(await rows.findOne({ _id: 101 }), { _id: 101 })
})
