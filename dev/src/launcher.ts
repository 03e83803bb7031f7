import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from './child.ts'
import { StartFailure } from './failure.ts'
import { lockDataDir, type Lock } from './lock.ts'
import { findMongod } from './mongod-binary.ts'
import { startMongod } from './mongod.ts'
import type { Output } from './output.ts'
import { whyNotFree } from './ports.ts'
import { startServer, untilReady } from './server-process.ts'
import { publicUrl, type Service } from './services.ts'
import type { Settings } from './settings.ts'

export interface LaunchOptions {
  env: NodeJS.ProcessEnv
  settings: Settings
  /** Started in this order and stopped in the opposite one. */
  services: Service[]
  stdout: Output
  stderr: Output
  /** Aborted with `STOP` from outside to stop everything; by the launcher itself when something ends unasked. */
  halt: AbortController
}

/** The reason of a stop that was asked for. */
export const STOP = Symbol('stop')

/** What a launch has so far; whoever adds to it need not think of the stop. */
interface Run extends LaunchOptions {
  lock: Lock
  running: Child[]
  firstAdmin: FirstAdmin
}

/** The line with the first password, held back until it can be told where nobody misses it. */
interface FirstAdmin {
  lines: string[]
  told: boolean
}

/**
 * Runs the database and the servers until `halt` is aborted or one of them ends by itself.
 * @returns the exit code, once nothing that was started here runs any more
 */
export async function launch (options: LaunchOptions): Promise<number> {
  const { settings, stdout, stderr, halt } = options
  const running: Child[] = []
  const firstAdmin: FirstAdmin = { lines: [], told: false }
  let lock: Lock | undefined
  try {
    lock = await lockDataDir(settings.dataDir)
    await start({ ...options, lock, running, firstAdmin })
    await untilAborted(halt.signal)
  } catch (error) {
    halt.abort(error)
  }
  const { reason } = halt.signal
  if (reason === STOP) stdout.write('Stopping …\n')
  else stderr.write(`${explain(reason)}\n`)
  for (const child of running.reverse()) await child.stop()
  // The password is made once and is told once, even by a start that came to nothing.
  for (const line of firstAdmin.lines) stdout.write(`${line}\n`)
  lock?.release()
  return reason === STOP ? 0 : 1
}

async function start (run: Run): Promise<void> {
  const { services, halt: { signal }, running } = run
  await checkPorts(services)
  const database = await openDatabase(run)
  for (const service of services) {
    signal.throwIfAborted()
    running.push(watch(run, startServer(service, {
      env: { ...run.env, ...database, DATA_DIR: run.settings.dataDir },
      stdout: run.stdout,
      stderr: run.stderr,
      onSpawn: pid => { run.lock.note(pid) },
      takeFirstAdmin: line => !run.firstAdmin.told && run.firstAdmin.lines.push(line) > 0
    })))
  }
  await Promise.all(services.map(service => untilReady(service, signal)))
  // What a server wrote before it said that it is ready may arrive just after that.
  await sleep(20)
  signal.throwIfAborted()
  tellReady(run)
}

/** The address of the embedded database, for the servers' environment; nothing when they have their own. */
async function openDatabase (run: Run): Promise<Record<string, string>> {
  const { env, settings, stderr, halt: { signal }, lock, running } = run
  for (const [variable, uri] of Object.entries(settings.databases)) {
    const { reachMongo } = await import('./external-mongo.ts')
    await reachMongo(variable, uri, signal)
  }
  if (!settings.embedded) return {}
  const binary = await findMongod({ env, signal, say: line => { stderr.write(`${line}\n`) } })
  const mongod = await startMongod({
    binary: binary.path,
    dir: join(settings.dataDir, 'mongodb'),
    signal,
    onSpawn: pid => { lock.note(pid) }
  })
  running.push(watch(run, mongod))
  return { MONGODB_URI: mongod.uri }
}

/** Nothing here may end before it is asked to: the rest would look alive and answer nothing. */
function watch ({ halt }: Run, child: Child): Child {
  void child.exited.then(end => {
    halt.abort(new StartFailure(`${child.name} ended by itself (${end.description}), so everything else is stopped`))
  })
  return child
}

/** Before anything starts, so that the message can name the variable. */
async function checkPorts (services: Service[]): Promise<void> {
  for (const { variable, host, port } of services.flatMap(service => service.listens)) {
    const reason = await whyNotFree(host, port)
    if (reason === null) continue
    if (reason === 'EADDRINUSE') throw new StartFailure(`Port ${port} (${variable}) is taken: stop what uses it, or set ${variable} to another port`)
    if (reason === 'EACCES') throw new StartFailure(`Port ${port} (${variable}) needs more rights than you have: set ${variable} to a port above 1023`)
    throw new StartFailure(`Nothing can listen on ${host}, port ${port} (HOST, ${variable}): ${reason}`)
  }
}

function tellReady ({ settings, stdout, firstAdmin }: Run): void {
  firstAdmin.told = true
  const url = publicUrl(settings)
  stdout.write([
    '',
    `Laurel is ready after ${(performance.now() / 1000).toFixed(1)} s.`,
    `  API    ${url}`,
    `  Docs   ${url}/docs`,
    `  Data   ${settings.embedded ? join(settings.dataDir, 'mongodb') : Object.keys(settings.databases).join(', ')}`,
    ...firstAdmin.lines.splice(0).map(line => `  ${line}`),
    'Ctrl-C stops everything.',
    '',
    ''
  ].join('\n'))
}

async function untilAborted (signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

function explain (reason: unknown): string {
  if (reason instanceof StartFailure) return reason.message
  return reason instanceof Error ? reason.stack ?? reason.message : String(reason)
}
