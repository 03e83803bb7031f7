import { createServer, type AddressInfo } from 'node:net'
import { BSON } from 'mongodb'
import type { Test } from 'tap'

// MongoDB wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
const opReply = 1
const opQuery = 2004
const opMessage = 2013
const headerLength = 16

/** The response of a mongod that is not a member of a replica set. */
const hello = {
  ok: 1,
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false
}

/** Starts a server that answers `hello` like a mongod without a replica set, with these changes. Returns its URI. */
export async function startStandalone (t: Test, changes: object = {}): Promise<string> {
  const answer = BSON.serialize({ ...hello, ...changes })
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.on('data', (request: Buffer) => {
      const opcode = request.readInt32LE(12)
      if (opcode === opQuery || opcode === opMessage) socket.write(createReply(opcode, request.readInt32LE(4), answer))
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function createReply (opcode: number, requestId: number, answer: Uint8Array): Buffer {
  const prefix = opcode === opQuery ? Buffer.alloc(20) : Buffer.alloc(5)
  if (opcode === opQuery) prefix.writeInt32LE(1, 16)
  const header = Buffer.alloc(headerLength)
  header.writeInt32LE(headerLength + prefix.length + answer.length, 0)
  header.writeInt32LE(requestId, 8)
  header.writeInt32LE(opcode === opQuery ? opReply : opMessage, 12)
  return Buffer.concat([header, prefix, answer])
}
