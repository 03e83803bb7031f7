import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockDataDir } from './lock.ts'
import { findMongod } from './mongod-binary.ts'
import { startMongod, type Mongod } from './mongod.ts'

const PREFIX = 'laurel-throw-away-'
const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2 * 1024 ** 3

/**
 * Starts a MongoDB on a new folder among the temporary ones. Its `stop` removes the folder too; what a run that was
 * killed has left, process and folder, the next one removes.
 */
export async function startThrowAwayMongod (signal: AbortSignal, say: (line: string) => void): Promise<Mongod> {
  const base = baseDir()
  await sweep(base)
  const dir = mkdtempSync(join(base, PREFIX))
  try {
    const lock = await lockDataDir(dir)
    const { path } = await findMongod({ env: process.env, signal, say })
    const mongod = await startMongod({ binary: path, dir, signal, throwAway: true, onSpawn: pid => { lock.note(pid) } })
    return {
      ...mongod,
      async stop () {
        await mongod.stop()
        remove(dir)
      }
    }
  } catch (error) {
    remove(dir)
    throw error
  }
}

/** In memory where there is plenty, because tests wait for the disk more than for anything else; TMPDIR overrules that. */
function baseDir (): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY)
    return process.env['TMPDIR'] === undefined && bavail * bsize > ENOUGH_BYTES ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

async function sweep (base: string): Promise<void> {
  const left = readdirSync(base).filter(name => name.startsWith(PREFIX)).map(name => join(base, name))
  for (const dir of left) {
    try {
      // Somebody else's file must not choose what is ended here; and a folder without the lock is only now being made.
      if (statSync(dir).uid !== process.getuid?.() || !existsSync(join(dir, 'launcher.json'))) continue
      await lockDataDir(dir)
      remove(dir)
    } catch {
      // In use, or gone by now.
    }
  }
}

function remove (dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}
