import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockDataDir, type Lock } from './lock.ts'

const PREFIX = 'laurel-throw-away-'
const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2 * 1024 ** 3

export interface ThrowAwayDir {
  dir: string
  /** Notes the processes that work on it, so that the next run can end them where this one is killed. */
  lock: Lock
  remove (): void
}

/** A new folder among the temporary ones. What a run that was killed has left, processes and folder, the next one removes. */
export async function makeThrowAwayDir (): Promise<ThrowAwayDir> {
  const base = baseDir()
  await sweep(base)
  const dir = mkdtempSync(join(base, PREFIX))
  try {
    return { dir, lock: await lockDataDir(dir), remove: () => { remove(dir) } }
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
