import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoMemoryReplSet, type MongoMemoryServer } from 'mongodb-memory-server-core'
import { findMongod } from '../../../dev/src/mongod-binary.ts'
import { mongodParameters } from '../../../dev/src/mongod-instance.ts'

export interface ThrowAwayMongod {
  /** Without the name of a database. */
  readonly uri: string
  readonly replicaSet: MongoMemoryReplSet
  /** Also removes the data. */
  readonly stop: () => Promise<void>
}

const args = [
  ...mongodParameters({ cacheGB: 0.25, oplogMB: 64 }),
  // By default, each mongod allocates a journal of 300 MB in advance.
  '--wiredTigerEngineConfigString', 'log=(file_max=8MB)'
]
const prefix = 'laurel-throw-away-'
const memory = '/dev/shm'
const enoughBytes = 2 * 1024 ** 3

/** Starts a replica set with `members` members in a new temporary folder. */
export async function startThrowAwayMongod (
  signal: AbortSignal, print: (line: string) => void, members = 1, configSettings = {}
): Promise<ThrowAwayMongod> {
  const { dir, remove } = makeThrowAwayDir()
  try {
    const systemBinary = await findMongod({ env: process.env, signal, print })
    const instanceOpts = Array.from({ length: members }, (_, index) => {
      const dbPath = join(dir, String(index))
      mkdirSync(dbPath)
      return { dbPath, launchTimeout: 60_000 }
    })
    const replicaSet = await MongoMemoryReplSet.create({
      binary: { systemBinary },
      instanceOpts,
      // A terminal sends Ctrl-C to every process of its group; the database stops last.
      replSet: { name: 'laurel', args, spawn: { detached: true }, configSettings }
    })
    return {
      uri: replicaSet.getUri(),
      replicaSet,
      async stop () {
        await Promise.all(replicaSet.servers.map(killMember))
        await replicaSet.stop({ doCleanup: false })
        remove()
      }
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** Sends SIGKILL to a member. Resolves when it has exited. */
export async function killMember ({ instanceInfo }: MongoMemoryServer): Promise<void> {
  const mongod = instanceInfo?.instance.mongodProcess
  if (mongod?.exitCode !== null || mongod.signalCode !== null) return
  const ended = once(mongod, 'exit')
  mongod.kill('SIGKILL')
  await ended
}

/** Creates a temporary folder, and removes the folders of killed runs. */
export function makeThrowAwayDir (base = baseDir()): { readonly dir: string, readonly remove: () => void } {
  for (const name of readdirSync(base).filter(name => name.startsWith(prefix))) {
    const pid = Number(name.slice(prefix.length).split('-')[0])
    if (!isRunning(pid)) removeDir(join(base, name))
  }
  const dir = mkdtempSync(join(base, `${prefix}${process.pid}-`))
  return { dir, remove: () => { removeDir(dir) } }
}

/** In memory if there is enough, because the disk is the bottleneck of the tests. TMPDIR overrides this. */
function baseDir (): string {
  if (process.env['TMPDIR'] !== undefined || !existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > enoughBytes ? memory : tmpdir()
}

function isRunning (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function removeDir (dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}
