import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Clock ticks of the kernel a second (Linux, all architectures that Node supports). */
const ticksPerSecond = 100

export interface Usage {
  /** User and system CPU time so far, in milliseconds. */
  readonly cpu: number
  /** Resident memory in MB. */
  readonly rss: number
}

/** The processes that a launcher started, by what they are. Linux only. */
export function childrenOf (launcher: number): Map<string, number> {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).trim().split('\n').map(row => row.trim().split(/\s+/))
  const own = rows.filter(([, parent]) => Number(parent) === launcher)
  return new Map(own.map(([pid, , ...args]) => [/(gateway|auth-service|event-service|mongod)/.exec(args.join(' '))?.[1] ?? 'other', Number(pid)]))
}

export function usageOf (pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond, rss: Number(rss) / 1024 }
}
