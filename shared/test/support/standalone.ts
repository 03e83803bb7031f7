import { createServer, type AddressInfo } from 'node:net'
import { BSON } from 'mongodb'
import type { Test } from 'tap'

const opReply = 1
const opQuery = 2004
const opMessage = 2013

/** Speaks just enough of MongoDB's wire protocol to say that it is a mongod without a replica set. @returns its URI. */
export async function startStandalone (t: Test): Promise<string> {
  const hello = BSON.serialize({ ok: 1, helloOk: true, isWritablePrimary: true, ismaster: true, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, minWireVersion: 0, maxWireVersion: 25, readOnly: false })
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      const asked = request.readInt32LE(12)
      if (asked !== opQuery && asked !== opMessage) return
      const prefix = asked === opQuery ? Buffer.alloc(20) : Buffer.alloc(5)
      if (asked === opQuery) prefix.writeInt32LE(1, 16)
      const head = Buffer.alloc(16)
      head.writeInt32LE(16 + prefix.length + hello.length, 0)
      head.writeInt32LE(request.readInt32LE(4), 8)
      head.writeInt32LE(asked === opQuery ? opReply : opMessage, 12)
      socket.write(Buffer.concat([head, prefix, hello]))
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
