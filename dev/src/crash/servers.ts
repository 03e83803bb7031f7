import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from '../child.ts'
import { findFreePort } from '../ports.ts'
import { startServer, untilReady } from '../server-process.ts'
import type { Service } from '../services.ts'

/** One built event-service as a process that is killed and comes back on the same port. */
export interface CrashServer {
  readonly url: string
  /** Resolves when it is ready. */
  readonly start: () => Promise<void>
  /** Resolves when it is dead. */
  readonly kill: () => Promise<void>
}

export interface ServerPlace {
  readonly root: string
  readonly authUrl: string
  readonly mongoUri: string
  readonly log: string
  readonly signal: AbortSignal
  readonly noteChild: (pid: number) => void
  /** Told where it ends by itself. */
  readonly unexpected: (sentence: string) => void
}

export async function createServer (name: string, { root, authUrl, mongoUri, log, signal, noteChild, unexpected }: ServerPlace): Promise<CrashServer> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const service: Service = {
    name,
    script: join(root, 'event-service/dist/server.js'),
    readyUrl: `${url}/health/ready`,
    listens: [],
    env: { HOST: '127.0.0.1', EVENT_PORT: String(port), AUTH_URL: authUrl, EVENT_MONGODB_URI: mongoUri, LOG_LEVEL: 'error' }
  }
  const output = { write: (text: string | Buffer) => { appendFileSync(log, text) }, flushed: async () => {} }
  let running: { readonly child: Child, readonly pid: number } | undefined

  return {
    url,
    async start () {
      signal.throwIfAborted()
      let pid = 0
      const child = startServer(service, {
        env: { PATH: process.env['PATH'] }, stdout: output, stderr: output, takeFirstAdmin: () => false, onSpawn: spawned => { noteChild(pid = spawned) }
      })
      const started = running = { child, pid }
      void child.exited.then(({ description }) => {
        if (running === started) unexpected(`${name} ended by itself: ${description}`)
      })
      await untilReady(service, signal)
    },
    async kill () {
      const victim = running
      running = undefined
      if (victim === undefined) return
      try {
        process.kill(victim.pid, 'SIGKILL')
      } catch {
        // It has ended by itself, which was told.
      }
      await victim.child.exited
    }
  }
}
