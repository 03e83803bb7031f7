import { createServer } from 'node:net'

/** Below the range of ephemeral ports. */
const lowest = 20_000
const highest = 31_999

/** Returns `null` if the port is free, otherwise the error code (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, …). */
export async function findPortError (host: string, port: number): Promise<string | null> {
  return await new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code ?? error.message) })
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => { resolve(null) })
    })
  })
}

/** Returns a free port on 127.0.0.1: `preferred` if it is free, otherwise a random one. */
export async function freePort (preferred = randomPort()): Promise<number> {
  let port = preferred
  while (await findPortError('127.0.0.1', port) !== null) port = randomPort()
  return port
}

function randomPort (): number {
  return lowest + Math.floor(Math.random() * (highest - lowest + 1))
}
