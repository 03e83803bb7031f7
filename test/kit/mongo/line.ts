import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface MongoLine {
  /** The URI of the proxy. */
  readonly uri: string
  /** From now on, MongoDB receives everything, but its replies to this command, such as `insert`, are dropped. */
  readonly loseAnswersTo: (command: string) => void
  /** Breaks the connections whose replies were dropped. The others continue, and no further replies are dropped. */
  readonly drop: () => void
  /** Breaks all connections and accepts no new ones, as if MongoDB were down. */
  readonly cut: () => void
  /** Accepts connections again and forwards all replies. */
  readonly mend: () => void
}

/** A proxy in front of one mongod. A test can interrupt the connection. */
export async function startMongoLine (t: Test, uri: string): Promise<MongoLine> {
  const { hostname, port, pathname } = new URL(uri)
  const open = new Set<Socket>()
  const deaf = new Set<Socket>()
  let isCut = false
  let lost: string | undefined

  const server = createServer(near => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    let isDeaf = false
    near.on('data', chunk => {
      // The name of a command is the key of the first element of its BSON document, whose value is a string.
      if (lost !== undefined && chunk.includes(`\x02${lost}\0`)) {
        isDeaf = true
        deaf.add(near)
      }
      far.write(chunk)
    })
    far.on('data', chunk => { if (!isDeaf) near.write(chunk) })
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one)
      one.on('error', () => undefined).on('close', () => {
        open.delete(one)
        deaf.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })

  const cut = (): void => {
    isCut = true
    for (const socket of open) socket.destroy()
  }
  t.teardown(async () => {
    cut()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    // Discovery would bypass the proxy: the members of a replica set publish their own addresses.
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}?directConnection=true`,
    loseAnswersTo: command => { lost = command },
    drop: () => {
      lost = undefined
      for (const socket of deaf) socket.destroy()
    },
    cut,
    mend: () => {
      isCut = false
      lost = undefined
    }
  }
}
