import { createServer } from 'node:net'
import { codeOf } from './failure.ts'

/** Below the range that systems hand out to outgoing connections, so that nobody is given it while nothing listens. */
const LOWEST = 20000
const HIGHEST = 31999

/**
 * Tries to listen on the port and lets go of it again.
 * @returns null when that worked, else the system's reason (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, …)
 */
export function whyNotFree (host: string, port: number): Promise<string | null> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', error => { resolve(codeOf(error) ?? error.message) })
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => { resolve(null) })
    })
  })
}

/** A port of 127.0.0.1 that is free now: `preferred` if it is, else any. Somebody may still be faster; the caller tries again then. */
export async function findFreePort (preferred?: number): Promise<number> {
  let port = preferred ?? randomPort()
  while (await whyNotFree('127.0.0.1', port) !== null) port = randomPort()
  return port
}

function randomPort (): number {
  return LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1))
}
