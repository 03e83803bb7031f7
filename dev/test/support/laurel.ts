import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { STOP, launch } from '../../src/launcher.ts'
import type { Output } from '../../src/output.ts'
import { findFreePort } from '../../src/ports.ts'
import { isAlive, type Process } from '../../src/processes.ts'
import { laurelServices } from '../../src/services.ts'
import { readSettings } from '../../src/settings.ts'
import { plainly } from '../../../test/kit/plainly.ts'

const root = join(import.meta.dirname, '../../..')

/** A launch that goes on, of whatever kind. */
interface Launch<End> {
  url: string
  stdout: () => string
  stderr: () => string
  /** What it has started so far, MongoDB first when it is the embedded one. */
  processes: () => Process[]
  /** Resolves when this many processes have been started. */
  spawned: (count: number) => Promise<void>
  /** Resolves when the banner is there. */
  ready: () => Promise<void>
  ended: Promise<End>
}

/** As a process of its own; it ends with exit code and signal, and only when nobody holds its output any more. */
export interface Laurel extends Launch<unknown[]> {
  child: ChildProcess
}

/** An environment for one Laurel that is in nobody's way: its own ports and folder, and no MongoDB from outside. */
export async function ownEnvironment (dataDir: string): Promise<NodeJS.ProcessEnv> {
  const ports = new Set<number>()
  while (ports.size < 4) ports.add(await findFreePort())
  const [PORT, AUTH_PORT, EVENT_PORT, METRICS_PORT] = [...ports].map(String)
  return { ...process.env, MONGODB_URI: '', DATA_DIR: dataDir, BCRYPT_COST: '4', PORT, AUTH_PORT, EVENT_PORT, METRICS_PORT }
}

/** Starts what was built, as `npm start` does. */
export function startLaurel (t: Test, env: NodeJS.ProcessEnv): Laurel {
  const child = spawn(...plainly(process.execPath, [join(root, 'dev/dist/start.js')]), { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', chunk => { written.stdout += chunk })
  child.stderr.on('data', chunk => { written.stderr += chunk })
  const ended = once(child, 'close')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return { child, ...follow(env, written, ended) }
}

/** Launches some of the servers from within the test; it ends with what would be the exit code. */
export function launchHere (t: Test, env: NodeJS.ProcessEnv, names: string[]): Launch<number> {
  const settings = readSettings(env, process.cwd())
  const services = laurelServices(root, settings).filter(({ name }) => names.includes(name))
  const written = { stdout: '', stderr: '' }
  const into = (name: keyof typeof written): Output => ({ write (text) { written[name] += text }, async flushed () {} })
  const halt = new AbortController()
  const ended = launch({ env, settings, services, stdout: into('stdout'), stderr: into('stderr'), halt })
  t.teardown(async () => {
    halt.abort(STOP)
    await ended
  })
  return follow(env, written, ended)
}

function follow<End> (env: NodeJS.ProcessEnv, written: { stdout: string, stderr: string }, ended: Promise<End>): Launch<End> {
  let over = false
  void ended.then(() => { over = true })
  const until = async (what: string, isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      if (over) throw new Error(`It ended before it was ${what}: ${written.stderr}`)
      await sleep(10)
    }
  }
  const file = join(env['DATA_DIR'] ?? '', 'launcher.json')
  const processes = (): Process[] => {
    // It may be looked at while it is being written.
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    return text.endsWith('}') ? JSON.parse(text).children : []
  }
  return {
    url: `http://127.0.0.1:${env['PORT']}`,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    processes,
    spawned: count => until('that far', () => processes().length >= count),
    ready: () => until('ready', () => written.stdout.includes('Ctrl-C stops everything.\n')),
    ended
  }
}

/** Waits, not for long, until none of them runs any more, and says which still do. */
export async function survivors (processes: Process[]): Promise<Process[]> {
  const deadline = performance.now() + 12_000
  while (processes.some(isAlive) && performance.now() < deadline) await sleep(50)
  return processes.filter(isAlive)
}
