import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningProcess {
  readonly pid: number
  /** `mongod`, `gateway`, `auth-service`, `event-service`, or the file that Node.js runs. */
  readonly name: string
}

/** Returns the children of a process, in the order of their start. Uses `ps`. */
export function childrenOf (parent: number): RunningProcess[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n')
  return rows.map(row => row.trim().split(/\s+/))
    .filter(([, ppid]) => Number(ppid) === parent)
    .map(([pid, , program = '', script = '']) => ({ pid: Number(pid), name: nameOf(program, script) }))
    .sort((a, b) => a.pid - b.pid)
}

function nameOf (program: string, script: string): string {
  if (basename(program) === 'mongod') return 'mongod'
  return /(gateway|auth-service|event-service)\/dist\/server\.js$/.exec(script)?.[1] ?? basename(script)
}

export function isRunning (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Kills processes. Those that have exited in the meantime, for example because of the others, are skipped. */
export function killAll (pids: Iterable<number>): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** Waits for at most `timeout` milliseconds until all of them have exited. Returns those that are still running. */
export async function survivors (pids: readonly number[], timeout = 60_000): Promise<number[]> {
  const deadline = Date.now() + timeout
  while (pids.some(isRunning) && Date.now() < deadline) await sleep(50)
  return pids.filter(isRunning)
}
