import closeWithGrace from 'close-with-grace'
import { StartupError } from '../../errors.ts'
import type { Server } from '../server-type.ts'
import { drain } from './graceful-shutdown.ts'

/** In milliseconds. A shutdown that takes longer ends the process anyway. */
const drainTimeout = 10_000

/** A server that is built, and the address on which it shall listen. */
interface Built {
  readonly app: Server
  readonly host: string
  readonly port: number
}

/**
 * Builds a server, listens, and shuts it down gracefully on SIGTERM, on SIGINT or when the launcher that started it is
 * gone. During a shutdown the server first reports that it is not ready, then stops listening, and exits once the
 * requests in flight are answered. If the server cannot start, prints one line to stderr and exits with 1.
 */
export async function runServer (name: string, build: () => Promise<Built>): Promise<void> {
  let shutDown = (): void => { process.exit(0) }
  process.once('disconnect', () => { shutDown() })
  try {
    const { app, host, port } = await build()
    const grace = closeWithGrace({ delay: drainTimeout, logger: app.log }, async () => {
      await drain(app)
      await app.close()
    })
    shutDown = () => { grace.close() }
    await app.listen({ host, port })
  } catch (error) {
    process.stderr.write(`laurel ${name}: ${describeStartupError(error)}\n`)
    process.exit(1)
  }
}

const listenErrors: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses this port',
  EADDRNOTAVAIL: 'HOST is not an address of this machine',
  ENOTFOUND: 'HOST is unknown',
  EACCES: 'this user is not allowed to listen on this port'
}

/** Returns one line for an operator, or the stack if the cause is a bug. */
export function describeStartupError (error: unknown): string {
  if (error instanceof StartupError) return error.message
  const { code, message, stack } = error as NodeJS.ErrnoException
  if (code === undefined) return String(stack)
  const reason = listenErrors[code]
  return reason === undefined ? message : `${message.replace(/^listen [A-Z]+: /, '')}: ${reason}`
}
