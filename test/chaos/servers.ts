import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../dev/src/ports.ts'
import { startServer, untilReady, type Child } from '../../dev/src/server-process.ts'
import type { Service } from '../../dev/src/services.ts'

/** A built event-service that is killed and started again on the same port. */
export interface ChaosServer {
  readonly url: string
  /** Resolves when it is ready. */
  readonly start: () => Promise<void>
  /** Resolves when it has ended. */
  readonly kill: () => Promise<void>
}

export interface ServerOptions {
  readonly root: string
  readonly authUrl: string
  readonly mongoUri: string
  readonly logFile: string
  readonly signal: AbortSignal
  /** Called if it ends by itself. */
  readonly onUnexpected: (sentence: string) => void
}

export async function createServer (name: string, options: ServerOptions): Promise<ChaosServer> {
  const { root, authUrl, mongoUri, logFile, signal, onUnexpected } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const service: Service = {
    name,
    script: join(root, 'event-service/dist/server.js'),
    readyUrl: `${url}/health/ready`,
    listens: [],
    env: {
      HOST: '127.0.0.1',
      EVENT_PORT: String(port),
      AUTH_URL: authUrl,
      EVENT_MONGODB_URI: mongoUri,
      LOG_LEVEL: 'error'
    }
  }
  const log = (line: string): void => { appendFileSync(logFile, `${line}\n`) }
  let running: Child | undefined

  return {
    url,
    async start () {
      signal.throwIfAborted()
      const env = { PATH: process.env['PATH'] }
      const server = running = startServer(service, { env, onLine: log, onErrorLine: log })
      void server.ended.then(reason => {
        if (running === server) onUnexpected(`${name} ended by itself: ${reason}`)
      })
      await untilReady(service, signal)
    },
    async kill () {
      const victim = running
      running = undefined
      if (victim?.pid === undefined) return
      try {
        process.kill(victim.pid, 'SIGKILL')
      } catch {
        // It has ended by itself, which was reported.
      }
      await victim.ended
    }
  }
}
