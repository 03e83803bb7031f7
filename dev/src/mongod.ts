import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartupError } from '@laurel/shared/errors'
import { makeDirectory } from '@laurel/shared/make-directory'
import { LaurelMongoInstance } from './mongod-instance.ts'
import { freePort } from './ports.ts'
import { becomePrimary, replicaSetName } from './replica-set.ts'
import type { Child } from './server-process.ts'

export interface MongodOptions {
  /** The path of the program: see `findMongod`. */
  readonly binary: string
  /** The folder of the database, which also contains the last port. */
  readonly dir: string
  /** Aborts a start in progress. */
  readonly signal: AbortSignal
  /** Called with a sentence before each slow step. */
  readonly print?: (line: string) => void
  /** How long the mongod of an earlier start may take to exit, in milliseconds. */
  readonly inUseTimeout?: number
}

export interface Mongod extends Child {
  /** The connection string for MONGODB_URI, without a database. */
  readonly uri: string
}

/**
 * The default of `inUseTimeout`, in milliseconds. The mongod of a killed launcher exits within 2 seconds plus the time
 * of its shutdown.
 */
const defaultInUseTimeout = 6000

/** How long mongod may take to become primary, in milliseconds. */
const primaryTimeout = 60_000

/** The maximum number of ports that are tried. */
const portAttempts = 10

/**
 * Starts a mongod on 127.0.0.1 as a single-node replica set and waits until it is primary. It can be started again with
 * the same `dir`, even on another port and after a `kill -9`. If it does not start, throws a `StartupError` with
 * mongod's own error and leaves no process behind.
 */
export async function startMongod (options: MongodOptions): Promise<Mongod> {
  const { dir, print, inUseTimeout = defaultInUseTimeout } = options
  const data = join(dir, 'data')
  const portFile = join(dir, 'port')
  makeDirectory(data)
  const deadline = Date.now() + inUseTimeout
  let port = await freePort(lastPort(portFile))
  for (let attempt = 1, hasAnnounced = false; ;) {
    const outcome = await tryStart(options, data, port)
    if (typeof outcome !== 'string') {
      writeFileSync(portFile, String(port))
      return outcome
    }
    if (outcome === 'in use') {
      if (Date.now() > deadline) throw new StartupError(inUseError(data))
      if (!hasAnnounced) print?.('Waiting for the MongoDB of an earlier start to stop …')
      hasAnnounced = true
      await sleep(250, undefined, { signal: options.signal })
    } else {
      if (attempt++ === portAttempts) throw new StartupError('MongoDB found no free port on 127.0.0.1.')
      port = await freePort()
    }
  }
}

async function tryStart (
  { binary, signal }: MongodOptions, data: string, port: number
): Promise<Mongod | 'in use' | 'port taken'> {
  signal.throwIfAborted()
  const instance = new LaurelMongoInstance({ binary, data, port })
  const abort = (): void => { instance.kill() }
  signal.addEventListener('abort', abort)
  try {
    await instance.start()
    signal.throwIfAborted()
    const ended = new AbortController()
    void instance.ended.then(reason => { ended.abort(new Error(reason)) })
    await becomePrimary(port, AbortSignal.any([signal, ended.signal, AbortSignal.timeout(primaryTimeout)]))
  } catch (error) {
    await instance.stop()
    signal.throwIfAborted()
    const reason = instance.lastError ?? (error as Error).message
    if (reason.includes('DBPathInUse')) return 'in use'
    if (/address already in use|already in use$/i.test(reason)) return 'port taken'
    throw new StartupError(`MongoDB did not start: ${reason.replace(/\s+/g, ' ')}`)
  } finally {
    signal.removeEventListener('abort', abort)
  }
  return {
    name: 'MongoDB',
    pid: instance.mongodProcess?.pid,
    uri: `mongodb://127.0.0.1:${port}/?replicaSet=${replicaSetName}`,
    ended: instance.ended,
    async stop () {
      await instance.stop()
      await instance.ended
    }
  }
}

function inUseError (data: string): string {
  const pid = readFileSync(join(data, 'mongod.lock'), 'utf8').trim()
  return `Another MongoDB (process ${pid}) uses ${data}. Stop it, or set DATA_DIR to another folder.`
}

function lastPort (file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined
  } catch {
    return undefined
  }
}
