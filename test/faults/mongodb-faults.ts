import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from './platform.ts'
import type { Fault } from './run-fault.ts'

const three = { members: 3 } as const

/** Each member has its own group, so that a firewall rule can drop its packets. */
const firstGroup = 61_001
const dropPackets = (gid: number): string[] => ['OUTPUT', '-m', 'owner', '--gid-owner', String(gid), '-j', 'DROP']

function firewall (action: '--insert' | '--delete', rule: readonly string[]): void {
  execFileSync('iptables', [action, ...rule], { stdio: 'ignore' })
}

function canDropPackets (): string | undefined {
  try {
    firewall('--insert', dropPackets(firstGroup + 9))
    firewall('--delete', dropPackets(firstGroup + 9))
    return undefined
  } catch {
    return 'needs root and iptables'
  }
}

const single: Fault = {
  name: 'kill-mongod',
  title: '`kill -9` of the only mongod, restarted after 1 s',
  async inject ({ database: { members, primary } }, signal) {
    await members[0]?.kill()
    await sleep(1000, undefined, { signal })
    await members[0]?.start()
    await primary()
  }
}

const killed: Fault = {
  name: 'kill-primary',
  title: '`kill -9` of the primary of a three-member replica set',
  layout: three,
  async inject ({ database: { primary } }) {
    const before = await primary()
    await before.kill()
    await primary(before)
    await before.start()
  }
}

const frozen: Fault = {
  name: 'freeze-primary',
  title: 'SIGSTOP of the primary of a three-member replica set for 25 s',
  layout: three,
  async inject ({ database: { primary } }, signal) {
    const before = await primary()
    before.signal('SIGSTOP')
    await sleep(25_000, undefined, { signal })
    before.signal('SIGCONT')
  }
}

const partition: Fault = {
  name: 'partition',
  title: 'Network partition: the primary of three members loses all packets for 25 s',
  layout: { ...three, member: (_dir, index) => ({ gid: firstGroup + index }) },
  missing: canDropPackets,
  async inject ({ database: { primary } }, signal) {
    const { options: { gid = firstGroup } } = await primary()
    firewall('--insert', dropPackets(gid))
    try {
      await sleep(25_000, undefined, { signal })
    } finally {
      firewall('--delete', dropPackets(gid))
    }
  }
}

const diskOf = (dir: string, index: number): string => join(dir, `disk-${index}`)

function mountDisk (dir: string, index: number): string {
  const disk = diskOf(dir, index)
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=150m,mode=777', 'tmpfs', disk])
  return disk
}

function unmountDisks (dir: string): void {
  for (const disk of [0, 1, 2].map(index => diskOf(dir, index)).filter(existsSync)) {
    execFileSync('umount', ['--lazy', disk])
  }
}

/** Writes until the disk is full. */
function fill (file: string): void {
  const fd = openSync(file, 'w')
  const block = Buffer.alloc(256 * 1024)
  try {
    for (let size = block.length; size > 0;) {
      try {
        writeSync(fd, block, 0, size)
      } catch {
        size = Math.floor(size / 2)
      }
    }
  } finally {
    closeSync(fd)
  }
}

const fullDisk: Fault = {
  name: 'full-disk',
  title: 'Full disk: the mongod of the primary exits, and is restarted after space is freed',
  layout: { ...three, member: (dir, index) => ({ dbPath: join(mountDisk(dir, index), 'data'), journal: '256KB' }) },
  missing: () => process.getuid?.() === 0 ? undefined : 'needs root to mount a small disk',
  cleanUp: unmountDisks,
  async inject ({ database: { primary } }: Platform) {
    const before = await primary()
    const file = join(before.options.dbPath, '..', 'full')
    fill(file)
    await before.ended()
    await primary(before)
    rmSync(file)
    await before.start()
  }
}

const library = (dir: string): string => join(dir, 'slow-disk.so')
const slowMark = (dir: string): string => join(dir, 'slow')

function compileSlowDisk (dir: string): string {
  if (existsSync(library(dir))) return library(dir)
  const source = new URL('slow-disk.c', import.meta.url).pathname
  execFileSync('cc', ['-shared', '-fPIC', '-o', library(dir), source, '-ldl'])
  return library(dir)
}

function hasCompiler (): string | undefined {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'needs a C compiler'
  }
}

const slowDisk: Fault = {
  name: 'slow-disk',
  title: 'Slow disks: on all three mongods, each sync takes 400 ms longer for 10 s',
  layout: {
    ...three,
    member: dir => ({ env: { LD_PRELOAD: compileSlowDisk(dir), SLOW_DISK: slowMark(dir) } })
  },
  missing: hasCompiler,
  async inject ({ dir }, signal) {
    writeFileSync(slowMark(dir), '')
    await sleep(10_000, undefined, { signal })
    rmSync(slowMark(dir))
  }
}

export const mongodbFaults: readonly Fault[] = [single, killed, frozen, partition, fullDisk, slowDisk]
