import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'
import { eventually } from '../../../test/kit/run/eventually.ts'
import { plainly } from '../../../test/kit/servers/plainly.ts'
import { freePort } from '../../src/ports.ts'

export interface Laurel {
  readonly url: string
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves when the summary box is printed. */
  readonly ready: () => Promise<void>
  /** Exit code and signal, once its output is closed. */
  readonly ended: Promise<unknown[]>
}

/** Returns an environment for one instance of Laurel, with its own ports and folder and without an external MongoDB. */
export async function ownEnvironment (dataDir: string): Promise<NodeJS.ProcessEnv> {
  const ports = new Set<number>()
  while (ports.size < 4) ports.add(await freePort())
  const [PORT, AUTH_PORT, EVENT_PORT, METRICS_PORT] = [...ports].map(String)
  const own = { MONGODB_URI: '', DATA_DIR: dataDir, BCRYPT_COST: '4', PORT, AUTH_PORT, EVENT_PORT, METRICS_PORT }
  return { ...process.env, ...own }
}

/** Starts the built platform like `npm start`, or only these servers of it, which takes less CPU time. */
export function startLaurel (t: Test, env: NodeJS.ProcessEnv, only: readonly string[] = []): Laurel {
  const script = only.length === 0 ? '../../dist/start.js' : 'start-some.mjs'
  const args = [join(import.meta.dirname, script), ...only]
  const child = spawn(...plainly(process.execPath, args), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => { written.stdout += chunk })
  child.stderr.on('data', chunk => { written.stderr += chunk })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return {
    url: `http://127.0.0.1:${env['PORT']}`,
    child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    async ready () {
      const isReady = await eventually(async () => {
        if (child.exitCode !== null) return 'ended'
        return written.stdout.includes('Laurel is ready') && written.stdout.includes('└')
      }, 60_000)
      if (isReady === 'ended') throw new Error(`It ended before it was ready: ${written.stderr}`)
    },
    ended
  }
}
