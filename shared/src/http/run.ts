import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { StartupError } from '../errors.ts'
import type { Server } from './create-server.ts'

/** Milliseconds. */
const drainTime = 10_000
/** For whoever sends requests here to see that it is not ready, and for clients to leave their connections with an answer. */
const noticeTime = 500

/**
 * Runs one server as a process: builds it, listens, and ends it on SIGTERM, SIGINT or the loss of the launcher
 * that started it: it says that it is not ready, then stops to listen, and ends when the requests in flight are answered. What cannot start says why in one line and exits with 1.
 */
export async function run (name: string, build: () => Promise<{ app: Server, host: string, port: number }>): Promise<void> {
  let end = (): void => { process.exit(0) }
  process.once('disconnect', () => { end() })
  try {
    const { app, host, port } = await build()
    const ending = closeWithGrace({ delay: drainTime, logger: app.log }, async () => {
      app.ending.begun = true
      await sleep(noticeTime)
      await app.close()
    })
    end = () => { ending.close() }
    await app.listen({ host, port })
  } catch (error) {
    process.stderr.write(`laurel ${name}: ${explain(error)}\n`)
    process.exit(1)
  }
}

const listenRefusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EADDRNOTAVAIL: 'HOST is no address of this machine',
  ENOTFOUND: 'HOST is not known',
  EACCES: 'this user may not listen on that port'
}

/** One line for an operator; the stack only where the cause is a bug. */
export function explain (error: unknown): string {
  if (error instanceof StartupError) return error.message
  const { code, message, stack } = error as NodeJS.ErrnoException
  if (code === undefined) return String(stack)
  const reason = listenRefusals[code]
  return reason === undefined ? message : `${message.replace(/^listen [A-Z]+: /, '')}: ${reason}`
}
