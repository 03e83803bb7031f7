import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { UUID } from 'mongodb'
import type { Owner } from '../run/owner.ts'

export interface MongoGate {
  /** The URI of the proxy. */
  readonly uri: string
  /**
   * Holds the next command with this name on a collection. `reached` resolves to the id of its session when it arrives,
   * and `open` lets it pass.
   */
  readonly hold: (command: string, collection: string) => { readonly reached: Promise<UUID>, readonly open: () => void }
}

/** A proxy in front of one mongod. A test can hold a command while others pass. */
export async function startMongoGate (t: Owner, uri: string): Promise<MongoGate> {
  const { hostname, port, pathname } = new URL(uri)
  const sockets = new Set<Socket>()
  let held: { needle: Buffer, arrive: (session: UUID) => void, isOpen: Promise<void> } | undefined

  const server = createServer(near => {
    const far = connect(Number(port), hostname)
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one)
      one.on('error', () => undefined).on('close', () => { sockets.delete(one); other.destroy() })
    }
    far.pipe(near)
    near.on('data', (bytes: Buffer) => {
      if (held === undefined || !bytes.includes(held.needle)) {
        far.write(bytes)
        return
      }
      const { arrive, isOpen } = held
      held = undefined
      near.pause()
      arrive(sessionOf(bytes))
      void isOpen.then(() => { far.write(bytes); near.resume() })
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}?directConnection=true`,
    hold (command, collection) {
      let [arrive, open] = [(_: UUID): void => undefined, (): void => undefined]
      const reached = new Promise<UUID>(resolve => { arrive = resolve })
      const isOpen = new Promise<void>(resolve => { open = resolve })
      // A command in BSON begins with its name and the collection, which is a string with its length.
      const length = Buffer.alloc(4)
      length.writeInt32LE(collection.length + 1)
      const needle = Buffer.concat([Buffer.from(`\x02${command}\0`), length, Buffer.from(`${collection}\0`)])
      held = { needle, arrive, isOpen }
      return { reached, open }
    }
  }
}

/** Returns the session id of a command in BSON: `lsid: { id: UUID }`. */
function sessionOf (command: Buffer): UUID {
  const name = '\x03lsid\0'
  // Then come the length of the document, the type and the name of `id`, and the length and subtype of its 16 bytes.
  const id = command.indexOf(name) + name.length + 4 + 4 + 4 + 1
  return new UUID(command.subarray(id, id + 16))
}
