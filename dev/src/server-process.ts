import { existsSync } from 'node:fs'
import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartupError } from '@laurel/shared/errors'
import { execaNode } from 'execa'
import type { Service } from './services.ts'

/** How long a server may take until it is ready, in milliseconds. */
const readyTimeout = 60_000

/** How long a server may take to shut down, in milliseconds. */
const stopTimeout = 12_000

/** How often a server is asked whether it is ready, in milliseconds. */
const pollInterval = 25

/** A program that the launcher has started. */
export interface Child {
  readonly name: string
  readonly pid: number | undefined
  /** Resolves with the reason when the program has exited: 'exit code 1', 'SIGKILL', …. Never rejects. */
  readonly ended: Promise<string>
  /** Sends SIGTERM, and SIGKILL if the program does not exit in time. Resolves when it has exited. */
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly env: NodeJS.ProcessEnv
  readonly onLine: (line: string) => void
  readonly onErrorLine: (line: string) => void
}

/**
 * Starts one server. It is detached, because a terminal sends Ctrl-C to every process of its group, and the launcher
 * determines the shutdown order. It has an IPC channel; when the channel closes, the server shuts down.
 */
export function startServer (service: Service, { env, onLine, onErrorLine }: ServerOptions): Child {
  if (!existsSync(service.script)) throw new StartupError(`${service.script} is missing. Run npm run build first.`)
  const server = execaNode(service.script, {
    env: { ...env, ...service.env },
    extendEnv: false,
    nodeOptions: [],
    detached: true,
    stdin: 'ignore',
    buffer: false,
    reject: false,
    forceKillAfterDelay: stopTimeout
  })
  const output = [
    readLines(server.iterable({ from: 'stdout' }), onLine), readLines(server.iterable({ from: 'stderr' }), onErrorLine)
  ]
  async function end (): Promise<string> {
    const { exitCode, signal, shortMessage } = await server
    await Promise.all(output)
    return exitCode === undefined ? signal ?? shortMessage ?? 'unknown reason' : `exit code ${exitCode}`
  }
  const ended = end()
  return {
    name: service.name,
    pid: server.pid,
    ended,
    async stop () {
      server.kill()
      await ended
    }
  }
}

async function readLines (lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) onLine(String(line))
  } catch {
    // The program has exited; `ended` resolves with the reason.
  }
}

/** Resolves once the server is ready. Throws a `StartupError` if that takes longer than a minute. */
export async function waitUntilReady ({ name, readyUrl }: Service, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + readyTimeout
  while (await statusOf(readyUrl) !== 200) {
    if (performance.now() > deadline) {
      throw new StartupError(`${name} is not ready after ${readyTimeout / 1000} seconds.`)
    }
    await sleep(pollInterval, undefined, { signal })
  }
}

async function statusOf (url: string): Promise<number | undefined> {
  const get = url.startsWith('https:') ? getHttps : getHttp
  return await new Promise(resolve => {
    // The certificate is not verified, because it contains the public name. The server is a child of this process.
    const request = get(url, { agent: false, timeout: 2000, rejectUnauthorized: false }, response => {
      response.resume()
      resolve(response.statusCode)
    })
    request.once('timeout', () => { request.destroy() })
    request.once('error', () => { resolve(undefined) })
  })
}
