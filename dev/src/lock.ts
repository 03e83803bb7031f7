import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure, codeOf, messageOf } from './failure.ts'
import { endProcess, isAlive, processOf, type Process } from './processes.ts'

/** The hold of one launcher on one data folder. */
export interface Lock {
  /** Notes a child, so that whoever comes after a kill -9 of the launcher can end what it left behind. */
  note (pid: number): void
  release (): void
}

interface Holder {
  launcher: Process
  /** In the order of their start: what others need comes first and is ended last. */
  children: Process[]
}

/**
 * Takes the folder for this process, making it if need be, and ends what a launcher that was killed left running in it.
 * @param graceMs what each of those is given to end in its own way
 * @throws {StartFailure} when another launcher that is alive has it, or when the folder cannot be read and written
 */
export async function lockDataDir (dir: string, graceMs = 10_000): Promise<Lock> {
  const file = join(dir, 'launcher.json')
  const launcher = processOf(process.pid)
  if (launcher === null) throw new StartFailure('npm start needs Linux, macOS or, on Windows, WSL; containers run everywhere')
  let holder: Holder
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    readdirSync(dir)
    holder = await takeOver(dir, file, launcher)
  } catch (error) {
    if (error instanceof StartFailure) throw error
    throw new StartFailure(`DATA_DIR ${dir} cannot be used: ${reasonOf(error)}`)
  }

  for (const leftover of holder.children.reverse()) await endProcess(leftover, graceMs)
  holder.children = []

  return {
    note (pid) {
      const child = processOf(pid)
      if (child === null) return
      holder.children.push(child)
      writeFileSync(`${file}.new`, JSON.stringify(holder))
      renameSync(`${file}.new`, file)
    },
    release () {
      if (read(file)?.launcher.pid === launcher.pid) rmSync(file, { force: true })
    }
  }
}

/** Creates the file, first putting aside one whose launcher is dead and taking on the children of it that still live. */
async function takeOver (dir: string, file: string, launcher: Process): Promise<Holder> {
  let children: Process[] = []
  for (let attempt = 0; attempt < 20; attempt++) {
    const holder = { launcher, children }
    try {
      writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 })
      return holder
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
    const before = read(file)
    if (before === null && attempt < 10) {
      // Somebody may be writing it at this moment; a file that stays unreadable is what a power cut left.
      await sleep(20)
      continue
    }
    if (before !== null && isAlive(before.launcher)) {
      throw new StartFailure(`Laurel already runs on ${dir} (process ${before.launcher.pid}): stop it first, or set DATA_DIR to another folder`)
    }
    children = before?.children.filter(isAlive) ?? []
    putAside(file, before)
  }
  throw new StartFailure(`Laurel is being started on ${dir} by another process too: try again`)
}

/** Removes a stale file, but gives it back when a third process has replaced it between the look and the move. */
function putAside (file: string, stale: Holder | null): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    const moved = read(aside)
    if (moved !== null && moved.launcher.pid !== stale?.launcher.pid) {
      writeFileSync(file, JSON.stringify(moved), { flag: 'wx' })
    }
  } catch {
    // Another one was faster: the next look decides.
  }
  rmSync(aside, { force: true })
}

function read (file: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(file, 'utf8'))
    return typeof holder.launcher?.pid === 'number' && Array.isArray(holder.children) ? holder : null
  } catch {
    return null
  }
}

function reasonOf (error: unknown): string {
  switch (codeOf(error)) {
    case 'EEXIST':
    case 'ENOTDIR': return 'a file stands where the folder should be'
    case 'EACCES':
    case 'EPERM': return 'no permission to read and write there'
    case 'EROFS': return 'the file system is read-only'
    case 'ENOSPC': return 'the disk is full'
    default: return messageOf(error)
  }
}
