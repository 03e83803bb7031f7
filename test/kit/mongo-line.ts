import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface MongoLine {
  /** The given URI, through this line. */
  readonly uri: string
  /** Breaks every connection and takes no new one, as if MongoDB were gone. */
  readonly cut: () => void
  readonly mend: () => void
}

/** A network line to one mongod that a test can cut. */
export async function startMongoLine (t: Test, uri: string): Promise<MongoLine> {
  const { hostname, port, pathname } = new URL(uri)
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(Number(port), hostname)
    for (const [from, to] of [[near, far], [far, near]] as const) {
      open.add(from)
      from.on('error', () => undefined).on('close', () => { open.delete(from); to.destroy() }).pipe(to)
    }
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const cut = (): void => {
    isCut = true
    for (const socket of open) socket.resetAndDestroy()
  }
  t.teardown(async () => {
    cut()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    // The members of a replica set name each other by their own addresses, so discovery would go past the line.
    uri: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}?directConnection=true`,
    cut,
    mend: () => { isCut = false }
  }
}
