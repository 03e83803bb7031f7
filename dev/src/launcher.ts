import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstAdminPasswordFile } from '@laurel/shared/config'
import { StartupError } from '@laurel/shared/errors'
import { prepareDataDir } from './data-dir.ts'
import { findPortError } from './ports.ts'
import { startServer, waitUntilReady, type Child } from './server-process.ts'
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
  readonly stop: AbortController
}

/** How long a port may be in use, in milliseconds. The servers of a killed launcher exit within this time. */
const portTimeout = 2000

/**
 * Runs the database and the servers until `stop` is aborted or one of them exits. Returns the exit code after all
 * processes that were started here have exited.
 */
export async function launch (options: LaunchOptions): Promise<number> {
  const { terminal, stop } = options
  const running: Child[] = []
  let failure: unknown
  try {
    await start(options, running)
    if (!stop.signal.aborted) await once(stop.signal, 'abort')
    if (stop.signal.reason instanceof Error) throw stop.signal.reason
  } catch (error) {
    // If the launcher is stopped during the start, the promise that the start waits for rejects.
    const isExpected = stop.signal.aborted && !(stop.signal.reason instanceof Error)
    failure = isExpected ? undefined : stop.signal.reason ?? error
  }
  stop.abort(failure)
  if (failure === undefined) terminal.print('Stopping …')
  else terminal.error(failure instanceof StartupError ? failure.message : String((failure as Error).stack ?? failure))
  for (const child of running.reverse()) await child.stop()
  return failure === undefined ? 0 : 1
}

async function start (options: LaunchOptions, running: Child[]): Promise<void> {
  const { env, settings, services, terminal, stop } = options
  prepareDataDir(settings.DATA_DIR)
  await checkPorts(services)
  await checkDatabases(settings, stop.signal)
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
    watch(server, stop, errors)
    return server
  })
  running.push(...servers)
  await Promise.all(services.map(async service => { await waitUntilReady(service, stop.signal) }))
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
  { env, settings, terminal, stop }: LaunchOptions, running: Child[]
): Promise<Record<string, string>> {
  // Loaded lazily, because it is not needed with MONGODB_URI.
  const [{ findMongod }, { startMongod }] = await Promise.all([import('./mongod-binary.ts'), import('./mongod.ts')])
  const { signal } = stop
  const { print } = terminal
  const binary = await findMongod({ env, signal, print })
  const mongod = await startMongod({ binary, dir: join(settings.DATA_DIR, 'mongodb'), signal, print })
  watch(mongod, stop)
  running.push(mongod)
  return { MONGODB_URI: mongod.uri }
}

/** Stops everything if this program exits, because the other servers cannot work without it. */
function watch ({ name, ended }: Child, stop: AbortController, errors: readonly string[] = []): void {
  void ended.then(reason => {
    const message = `${name} exited (${reason}). Everything else is being stopped.`
    stop.abort(new StartupError(errors.length > 0 ? errors.join('\n') : message))
  })
}

async function checkPorts (services: readonly Service[]): Promise<void> {
  const deadline = Date.now() + portTimeout
  for (const { variable, host, port } of services.flatMap(({ listens }) => listens)) {
    let reason = await findPortError(host, port)
    while (reason === 'EADDRINUSE' && Date.now() < deadline) {
      await sleep(100)
      reason = await findPortError(host, port)
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
  const { DATA_DIR, ADMIN_EMAIL, ADMIN_PASSWORD, needsMongod } = settings
  const url = publicUrl(settings)
  terminal.box(`Laurel is ready (${(performance.now() / 1000).toFixed(1)} s). Ctrl-C stops it.`, [
    ['API', url],
    ['Docs', `${url}/docs`],
    ['First ADMIN', ADMIN_EMAIL],
    ['Password', ADMIN_PASSWORD === undefined ? join(DATA_DIR, firstAdminPasswordFile) : 'ADMIN_PASSWORD'],
    ['Data', needsMongod ? join(DATA_DIR, 'mongodb') : 'in the MongoDB of your settings']
  ])
}
