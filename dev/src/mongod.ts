import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endOf, stopChild, type Child } from './child.ts'
import { StartFailure, messageOf } from './failure.ts'
import { keepLogSmall, lastError, rotateIfLarge, sizeOf } from './mongod-log.ts'
import { findFreePort } from './ports.ts'

export interface MongodOptions {
  /** The program: see `findMongod`. */
  binary: string
  /** Holds the database, the log and the port that was used last. */
  dir: string
  /** Ends a start that is under way. */
  signal: AbortSignal
  /** Called with the pid before anything can go wrong, so that it can be noted. */
  onSpawn?: (pid: number) => void
  /** For data that nobody keeps: smaller, without waiting for the disk, and killed rather than stopped. */
  throwAway?: boolean
}

export interface Mongod extends Child {
  /** Without a database name; for MongoClient and for MONGODB_URI. */
  uri: string
}

/** Transactions and change streams need a replica set; one member is enough for them. */
const SET_NAME = 'laurel'
/** mongod's exit code when it cannot listen: somebody took the port between our look and its start. */
const CANNOT_LISTEN = 48
const PRIMARY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 15_000

/**
 * Starts a mongod on 127.0.0.1 as a replica set of one and waits until it is PRIMARY. The same `dir` can be started
 * again after any end, kill -9 included, and on another port.
 * @throws {StartFailure} with mongod's own last error when it does not come up; no process is left then
 */
export async function startMongod (options: MongodOptions): Promise<Mongod> {
  const portFile = join(options.dir, 'port')
  let port = await findFreePort(lastPort(portFile))
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryPort(options, port)
    if (outcome !== 'port taken') {
      writeFileSync(portFile, String(port))
      return outcome
    }
    if (attempt === 10) throw new StartFailure('The embedded MongoDB found no free port on 127.0.0.1')
    port = await findFreePort()
  }
}

async function tryPort ({ binary, dir, signal, onSpawn, throwAway = false }: MongodOptions, port: number): Promise<Mongod | 'port taken'> {
  signal.throwIfAborted()
  const data = join(dir, 'data')
  const log = join(dir, 'mongod.log')
  mkdirSync(data, { recursive: true, mode: 0o700 })
  rotateIfLarge(log)
  const offset = sizeOf(log)
  const output = openSync(log, 'a', 0o600)
  // Detached: a terminal's Ctrl-C must not reach it, the database goes last.
  const child = spawn(binary, mongodParameters({ data, log, port, throwAway }), { detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  if (child.pid !== undefined) onSpawn?.(child.pid)
  const exited = endOf(child)
  const stop = (): Promise<void> => stopChild(child, exited, throwAway ? 0 : STOP_WITHIN_MS)

  const ended = new AbortController()
  void exited.then(end => { ended.abort(new Error(end.description)) })
  const limits = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(PRIMARY_WITHIN_MS)])
  try {
    // Loading the driver takes a while, which mongod needs anyway.
    const { becomePrimary } = await import('./replica-set.ts')
    await becomePrimary(SET_NAME, port, { journalled: !throwAway, signal: limits })
  } catch (error) {
    await stop()
    signal.throwIfAborted()
    if ((await exited).code === CANNOT_LISTEN) return 'port taken'
    const reason = lastError(log, offset) ?? messageOf(ended.signal.reason ?? error)
    throw new StartFailure(`The embedded MongoDB did not start: ${reason} (its log: ${log})`)
  }

  const leaveLog = keepLogSmall(log, () => { child.kill('SIGUSR1') })
  void exited.then(leaveLog)
  return { name: 'MongoDB', uri: `mongodb://127.0.0.1:${port}/?replicaSet=${SET_NAME}`, exited, stop }
}

interface Run {
  data: string
  log: string
  port: number
  throwAway: boolean
  /** The name of its replica set. */
  set?: string
}

/** How a mongod is run on a laptop: small, and for nobody beyond it. */
export function mongodParameters ({ data, log, port, throwAway, set = SET_NAME }: Run): string[] {
  return [
    '--dbpath', data,
    '--port', String(port),
    '--bind_ip', '127.0.0.1',
    '--nounixsocket',
    '--replSet', set,
    // The defaults are half of the memory and a twentieth of the disk: too much for a guest on a laptop.
    '--wiredTigerCacheSizeGB', throwAway ? '0.25' : '0.5',
    '--oplogSize', throwAway ? '64' : '512',
    '--logpath', log, '--logappend', '--logRotate', 'reopen', '--quiet',
    '--setParameter', 'diagnosticDataCollectionEnabled=false',
    // With clients connected it would otherwise linger 15 seconds for an election that nobody can hold.
    '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0',
    // What an open transaction of a killed server holds is free again after this, not after a minute.
    '--setParameter', 'transactionLifetimeLimitSeconds=10',
    // A journal of 300 MB, made in advance, is not worth it for a few seconds.
    ...(throwAway ? ['--wiredTigerEngineConfigString', 'log=(file_max=8MB)'] : [])
  ]
}

function lastPort (file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined
  } catch {
    return undefined
  }
}
