import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../dev/src/ports.ts'
import { startServer, waitUntilReady, type Child } from '../../dev/src/server-process.ts'
import type { Service } from '../../dev/src/services.ts'

export type ServerName = 'gateway' | 'auth-service' | 'event-service'

/** A built server that is killed and restarted on the same port. */
export interface ChaosServer {
  readonly url: string
  /** Resolves when it is ready. */
  readonly start: () => Promise<void>
  /** Starts the process and does not wait until it is ready. */
  readonly launch: () => void
  /** Resolves when it is ready. */
  readonly waitUntilReady: () => Promise<void>
  /** Sends SIGKILL. Resolves when the process has exited. */
  readonly kill: () => Promise<void>
  /** Sends SIGTERM. Resolves with the reason when the process has exited. */
  readonly terminate: () => Promise<string>
  /** Sends SIGSTOP or SIGCONT. */
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void
}

export interface ServerOptions {
  readonly server: ServerName
  readonly root: string
  /** Environment variables in addition to its address and PATH. */
  readonly env: NodeJS.ProcessEnv
  readonly logFile: string
  readonly signal: AbortSignal
  /** Called if the process exits unexpectedly. */
  readonly onUnexpected: (sentence: string) => void
  readonly host?: string
  readonly port?: number
}

const portVariables = { gateway: 'PORT', 'auth-service': 'AUTH_PORT', 'event-service': 'EVENT_PORT' } as const

export async function createServer (name: string, options: ServerOptions): Promise<ChaosServer> {
  const { server, root, env, logFile, signal, onUnexpected, host = '127.0.0.1', port = await freePort() } = options
  const url = `http://${host}:${port}`
  const service: Service = {
    name,
    script: join(root, `${server}/dist/server.js`),
    readyUrl: `${url}/health/ready`,
    listens: [],
    env: { HOST: host, [portVariables[server]]: String(port) }
  }
  const log = (line: string): void => { appendFileSync(logFile, `${line}\n`) }
  let running: Child | undefined

  /** Sends a signal to a server that is expected to exit. */
  async function end (signalName: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const victim = running
    running = undefined
    if (victim?.pid === undefined) return 'not running'
    try {
      process.kill(victim.pid, signalName)
    } catch {
      // The process exited unexpectedly, which has been reported.
    }
    return await victim.ended
  }

  function launch (): void {
    signal.throwIfAborted()
    const child = running = startServer(service, {
      env: { PATH: process.env['PATH'], ...env }, onLine: log, onErrorLine: log
    })
    void child.ended.then(reason => {
      if (running === child) onUnexpected(`${name} exited unexpectedly: ${reason}`)
    })
  }

  return {
    url,
    launch,
    async start () {
      launch()
      await waitUntilReady(service, signal)
    },
    waitUntilReady: async () => { await waitUntilReady(service, signal) },
    kill: async () => { await end('SIGKILL') },
    terminate: async () => await end('SIGTERM'),
    signal (signalName) {
      if (running?.pid !== undefined) process.kill(running.pid, signalName)
    }
  }
}
