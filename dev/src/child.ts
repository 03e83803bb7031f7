import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that was started here. */
export interface Child {
  name: string
  /** Resolves, never rejects, when the process has ended in whatever way. */
  exited: Promise<End>
  /** Ends it in its own time, or after a bound by force. Safe to call twice, and when it has gone. */
  stop (): Promise<void>
}

export interface End {
  code: number | null
  signal: NodeJS.Signals | null
  /** 'exit code 1', 'signal SIGKILL', or why it could not even be started. */
  description: string
}

export function endOf (child: ChildProcess): Promise<End> {
  return new Promise(resolve => {
    child.once('error', error => { resolve({ code: null, signal: null, description: error.message }) })
    child.once('exit', (code, signal) => {
      const end = { code, signal, description: signal === null ? `exit code ${code}` : `signal ${signal}` }
      // Its last words may still be in the pipe; but a grandchild may hold the pipe open for ever.
      child.once('close', () => { resolve(end) })
      setTimeout(() => { resolve(end) }, 300).unref()
    })
  })
}

/** SIGTERM, and SIGKILL when it is still there `graceMs` later (at once when that is 0). */
export async function stopChild (child: ChildProcess, exited: Promise<End>, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    child.kill('SIGTERM')
    const overdue = new AbortController()
    await Promise.race([exited, sleep(graceMs, undefined, { signal: overdue.signal }).catch(() => {})])
    overdue.abort()
  }
  child.kill('SIGKILL')
  await exited
}
