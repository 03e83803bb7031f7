import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import { StartupError } from '../../errors.ts'
import { requireFullIcu } from '../../startup.ts'
import { startTracing } from '../../tracing/start-tracing.ts'
import type { Tracing, TracingConfig } from '../../tracing/tracing.ts'
import type { Server } from '../server-type.ts'
import { drain } from './graceful-shutdown.ts'
import { listenDuringStartup, type Address } from './startup-listener.ts'

/** A server that is configured, but not built yet. */
export interface Launch extends Address {
  readonly tracing: TracingConfig
  /** Builds the server. May wait for MongoDB and for other servers. */
  readonly build: (tracing: Tracing | undefined) => Promise<Server>
}

/** Times of a shutdown, in milliseconds. */
export interface ShutdownTimes {
  /** The time in which load balancers notice that the server is not ready and clients close keep-alive connections. */
  readonly notice?: number
  /** A server that takes longer to close, for example because it waits for MongoDB, exits anyway. */
  readonly close?: number
}

/**
 * Runs a server as a process. While the server is being built, its address reports that it is live but not ready.
 *
 * On SIGTERM, on SIGINT, or when the launcher that started it is gone, the server shuts down gracefully: it reports
 * that it is not ready, stops listening, and exits with 0 once all requests have a response, within 10 seconds.
 *
 * If the server cannot start, prints one line to stderr and exits with 1.
 */
export async function runServer (
  name: string, configure: () => Launch, times: ShutdownTimes = {}
): Promise<void> {
  let app: Server | undefined
  let tracing: Tracing | undefined
  const grace = closeWithGrace({ delay: false, logger: false }, async ({ err }) => {
    // The process exits with 1 after an uncaught error.
    if (err !== undefined) process.stderr.write(`laurel ${name}: ${String(err.stack)}\n`)
    if (app !== undefined) await shutDown(app, tracing, times)
  })
  process.once('disconnect', () => { grace.close() })
  try {
    requireFullIcu(globalThis.Intl)
    const { build, tracing: tracingConfig, ...address } = configure()
    const freeAddress = await listenDuringStartup(address)
    tracing = await startTracing(name, tracingConfig)
    app = await build(tracing)
    await freeAddress()
    await app.listen({ host: address.host, port: address.port })
  } catch (error) {
    process.stderr.write(`laurel ${name}: ${describeStartupError(error)}\n`)
    process.exit(1)
  }
}

async function shutDown (
  app: Server, tracing: Tracing | undefined, { notice, close = 6500 }: ShutdownTimes
): Promise<void> {
  await drain(app, notice)
  const closed = app.close().catch((error: unknown) => {
    app.log.error({ err: error }, 'the shutdown failed')
  }).then(async () => {
    await tracing?.shutdown()
    return true
  })
  if (!await Promise.race([closed, sleep(close, false)])) app.log.warn('the shutdown took too long')
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
