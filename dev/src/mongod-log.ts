import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const MAX_BYTES = 8 * 1024 * 1024
const LOOK_EVERY_MS = 15_000
const TAIL_BYTES = 64 * 1024

/** Puts the log aside as `….1`, in place of the one before it, once it has grown too large. Says whether it did. */
export function rotateIfLarge (file: string): boolean {
  if (sizeOf(file) <= MAX_BYTES) return false
  renameSync(file, `${file}.1`)
  return true
}

/**
 * Keeps the log of a running mongod small; `reopen` must make it open the file anew.
 * @returns what ends the watch
 */
export function keepLogSmall (file: string, reopen: () => void): () => void {
  const timer = setInterval(() => { if (rotateIfLarge(file)) reopen() }, LOOK_EVERY_MS)
  timer.unref()
  return () => { clearInterval(timer) }
}

export function sizeOf (file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** The last thing that mongod called an error since the log had `offset` bytes, as one line; null when it called nothing so. */
export function lastError (file: string, offset: number): string | null {
  const errors = tail(file, offset).split('\n').flatMap(line => {
    const entry = parse(line)
    return entry !== null && (entry.s === 'E' || entry.s === 'F') ? [entry] : []
  })
  // "Aborting after fassert" and the like come last and say nothing; what carries an error does.
  const entry = errors.findLast(entry => entry.attr?.error !== undefined) ?? errors.at(-1)
  if (entry === undefined) return null
  const detail = entry.attr?.error
  const reason = typeof detail === 'string' ? detail : detail?.errmsg
  return [entry.msg, reason].filter(part => part !== undefined).join(': ').replace(/\s+/g, ' ')
}

/** A line of mongod's structured log, as far as it is read here. */
interface Entry {
  s?: string
  msg?: string
  attr?: { error?: string | { errmsg?: string } }
}

function parse (line: string): Entry | null {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

function tail (file: string, offset: number): string {
  const from = Math.max(offset, sizeOf(file) - TAIL_BYTES)
  const buffer = Buffer.alloc(TAIL_BYTES)
  const fd = openSync(file, 'r')
  try {
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, TAIL_BYTES, from))
  } finally {
    closeSync(fd)
  }
}
