import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartupError } from '@laurel/shared/errors'
import { prepareDataDir } from './data-dir.ts'
import { whyNotFree } from './ports.ts'
import { startServer, untilReady, type Child } from './server-process.ts'
import { publicUrl, type Service } from './services.ts'
import type { Settings } from './settings.ts'
import type { Terminal } from './terminal.ts'

export interface LaunchOptions {
  readonly env: NodeJS.ProcessEnv
  readonly settings: Settings
  /** Started in parallel, stopped in reverse order. */
  readonly services: readonly Service[]
  readonly terminal: Terminal
  /** Aborted by the caller to stop everything, and by the launcher if a program exits unexpectedly. */
  readonly halt: AbortController
}

/** Milliseconds. The servers of a killed launcher exit within this time. */
const portPatience = 2000

/**
 * Runs the database and the servers until `halt` is aborted or one of them exits. Returns the exit code after all
 * processes that were started here have exited.
 */
export async function launch (options: LaunchOptions): Promise<number> {
  const { terminal, halt } = options
  const running: Child[] = []
  let failure: unknown
  try {
    await start(options, running)
    if (!halt.signal.aborted) await once(halt.signal, 'abort')
    if (halt.signal.reason instanceof Error) throw halt.signal.reason
  } catch (error) {
    // If the launcher is stopped during the start, the promise that the start waits for rejects.
    const isAsked = halt.signal.aborted && !(halt.signal.reason instanceof Error)
    failure = isAsked ? undefined : halt.signal.reason ?? error
  }
  halt.abort(failure)
  if (failure === undefined) terminal.say('Stopping …')
  else terminal.error(failure instanceof StartupError ? failure.message : String((failure as Error).stack ?? failure))
  for (const child of running.reverse()) await child.stop()
  return failure === undefined ? 0 : 1
}

async function start (options: LaunchOptions, running: Child[]): Promise<void> {
  const { env, settings, services, terminal, halt } = options
  prepareDataDir(settings.DATA_DIR)
  await checkPorts(services)
  await checkDatabases(settings, halt.signal)
  const database = settings.needsMongod ? await startDatabase(options, running) : {}
  let isReady = false
  const servers = services.map(service => {
    // An invalid setting stops all servers, so only the message of the first one is shown.
    const errors: string[] = []
    const server = startServer(service, {
      env: { ...env, ...database, DATA_DIR: settings.DATA_DIR },
      onLine: terminal.log,
      onErrorLine (line) {
        if (isReady) terminal.error(line)
        else errors.push(line)
      }
    })
    watch(server, halt, errors)
    return server
  })
  running.push(...servers)
  await Promise.all(services.map(async service => { await untilReady(service, halt.signal) }))
  isReady = true
  showReady(settings, terminal)
}

async function checkDatabases (settings: Settings, signal: AbortSignal): Promise<void> {
  for (const name of ['MONGODB_URI', 'AUTH_MONGODB_URI', 'EVENT_MONGODB_URI'] as const) {
    const uri = settings[name]
    if (uri === undefined) continue
    const { checkMongo } = await import('./external-mongo.ts')
    await checkMongo(name, uri, signal)
  }
}

/** Returns the environment variable with the address of the database. */
async function startDatabase (
  { env, settings, terminal, halt }: LaunchOptions, running: Child[]
): Promise<Record<string, string>> {
  // Loaded lazily, because it is not needed with MONGODB_URI.
  const [{ findMongod }, { startMongod }] = await Promise.all([import('./mongod-binary.ts'), import('./mongod.ts')])
  const { signal } = halt
  const { say } = terminal
  const binary = await findMongod({ env, signal, say })
  const mongod = await startMongod({ binary, dir: join(settings.DATA_DIR, 'mongodb'), signal, say })
  watch(mongod, halt)
  running.push(mongod)
  return { MONGODB_URI: mongod.uri }
}

/** Stops everything if this program exits, because the other servers cannot work without it. */
function watch ({ name, ended }: Child, halt: AbortController, errors: readonly string[] = []): void {
  void ended.then(reason => {
    const message = `${name} exited (${reason}). Everything else is being stopped.`
    halt.abort(new StartupError(errors.length > 0 ? errors.join('\n') : message))
  })
}

async function checkPorts (services: readonly Service[]): Promise<void> {
  const givesUpAt = Date.now() + portPatience
  for (const { variable, host, port } of services.flatMap(({ listens }) => listens)) {
    let reason = await whyNotFree(host, port)
    while (reason === 'EADDRINUSE' && Date.now() < givesUpAt) {
      await sleep(100)
      reason = await whyNotFree(host, port)
    }
    if (reason === 'EADDRINUSE') {
      const remedy = `Stop the program that uses it, or set ${variable} to another port.`
      throw new StartupError(`Port ${port} (${variable}) is in use. ${remedy}`)
    }
    if (reason === 'EACCES') {
      const remedy = `Set ${variable} to a port above 1023.`
      throw new StartupError(`You do not have permission to use port ${port} (${variable}). ${remedy}`)
    }
    if (reason !== null) throw new StartupError(`Cannot listen on ${host}, port ${port} (HOST, ${variable}): ${reason}`)
  }
}

function showReady (settings: Settings, terminal: Terminal): void {
  const { DATA_DIR, ADMIN_EMAIL, needsMongod } = settings
  const url = publicUrl(settings)
  terminal.box(`Laurel is ready (${(performance.now() / 1000).toFixed(1)} s). Ctrl-C stops it.`, [
    ['API', url],
    ['Docs', `${url}/docs`],
    ['First ADMIN', ADMIN_EMAIL],
    ['Password', process.env['ADMIN_PASSWORD'] ? 'ADMIN_PASSWORD' : join(DATA_DIR, 'first-admin-password')],
    ['Data', needsMongod ? join(DATA_DIR, 'mongodb') : 'in the MongoDB of MONGODB_URI']
  ])
}
