import { readFileSync } from 'node:fs'

/** The kernel's clock ticks per second on Linux. */
const ticksPerSecond = 100

export interface Usage {
  /** User and system CPU time so far, in milliseconds. */
  readonly cpu: number
  /** Resident memory in MB. */
  readonly rss: number
}

/** Returns the resource usage of a process. Linux only. */
export function usageOf (pid: number): Usage {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 1000 / ticksPerSecond, rss: Number(rss) / 1024 }
}
