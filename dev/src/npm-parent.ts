import { readFileSync } from 'node:fs'
import { isAlive, processOf, type Process } from './processes.ts'

const LOOK_EVERY_MS = 250

/**
 * Calls back when the npm that runs this process as a script has gone. npm hands a SIGTERM on to the shell between the
 * two, which ends without a word to us; of a SIGKILL nobody hears at all. Without npm nothing is watched, so that a
 * launcher may outlive the shell that started it.
 */
export function whenNpmEnds (call: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const npm = npmAbove(parent)
  const timer = setInterval(() => {
    if (process.ppid === parent && (npm === null || isAlive(npm))) return
    clearInterval(timer)
    call()
  }, LOOK_EVERY_MS)
  timer.unref()
}

/** npm itself, which is the parent or, behind a shell, the parent's parent. Null where that cannot be told cheaply. */
function npmAbove (parent: number): Process | null {
  if (process.platform !== 'linux') return null
  try {
    const [, name = '', grandparent] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, 'utf8')) ?? []
    return processOf(name.endsWith('sh') ? Number(grandparent) : parent)
  } catch {
    return null
  }
}
