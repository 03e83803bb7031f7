import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A process as another one can find it again. Pids are reused, so the moment of its birth goes with it:
 * whoever has the same pid and another birth is somebody else, and must not be touched.
 */
export interface Process {
  pid: number
  born: string
}

/** On Linux a look is one small read; elsewhere it starts `ps`, so it is done less often. */
const POLL_MS = process.platform === 'linux' ? 20 : 150

/** The process that has this pid now, or null when there is none (a zombie is none). */
export function processOf (pid: number): Process | null {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid)
  return born === null ? null : { pid, born }
}

/** Says whether exactly this process still runs. */
export function isAlive ({ pid, born }: Process): boolean {
  return processOf(pid)?.born === born
}

/**
 * Ends a process politely (SIGTERM) and, when it has not gone after `graceMs`, with SIGKILL.
 * Does nothing to a process that has gone, or whose pid belongs to another one by now.
 */
export async function endProcess (target: Process, graceMs: number): Promise<void> {
  send(target, 'SIGTERM')
  if (await goneWithin(target, graceMs)) return
  send(target, 'SIGKILL')
  await goneWithin(target, 2000)
}

function send (target: Process, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return
  try {
    process.kill(target.pid, signal)
  } catch {
    // It went in this very moment, which is what was wanted.
  }
}

async function goneWithin (target: Process, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms
  while (isAlive(target)) {
    if (performance.now() > deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

/** Field 22 of /proc/PID/stat, the start in ticks since boot; field 2 is a name that may itself hold spaces and brackets (proc(5)). */
function bornOnLinux (pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : fields[19] ?? null
  } catch {
    return null
  }
}

function bornElsewhere (pid: number): string | null {
  const { status, stdout } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
  const [state = 'Z', ...start] = (stdout ?? '').trim().split(/\s+/)
  return status !== 0 || state.startsWith('Z') ? null : start.join(' ')
}
