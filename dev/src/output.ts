import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** More than this waiting for a reader who does not read, and lines are dropped: a log must not stop the servers. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

export interface Output {
  write (text: string | Buffer): void
  /** Waits, up to a second, until everything is out of this process. */
  flushed (): Promise<void>
}

/** Writes to a standard stream without ever blocking or failing, also when its other end is slow, stuck or gone. */
export function outputTo (stream: Writable): Output {
  let dropped = false
  // A closed terminal or pipe: there is nobody left to tell.
  stream.on('error', () => {})
  return {
    write (text) {
      if (!stream.writable) return
      if (stream.writableLength > MAX_WAITING_BYTES) {
        dropped = true
        return
      }
      if (dropped) stream.write('(some lines were dropped here: nobody read them)\n')
      dropped = false
      stream.write(text)
    },
    async flushed () {
      for (let turn = 0; turn < 50 && stream.writable && stream.writableLength > 0; turn++) await sleep(20)
    }
  }
}

/**
 * Hands a child's output on in whole lines, so that the lines of several children never mix.
 * Lines that start with `marker` are offered to `take` first, and handed on only when it returns false.
 */
export function passLines (from: Readable, to: Output, marker: string, take: (line: string) => boolean): void {
  let rest: Buffer = Buffer.alloc(0)
  const pass = (lines: Buffer): void => {
    if (!lines.includes(marker)) return to.write(lines)
    for (const line of lines.toString().split(/(?<=\n)/)) {
      if (!line.startsWith(marker) || !take(line.trimEnd())) to.write(line)
    }
  }
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf('\n') + 1
    if (end === 0) {
      rest = Buffer.concat([rest, chunk])
      return
    }
    pass(Buffer.concat([rest, chunk.subarray(0, end)]))
    rest = chunk.subarray(end)
  })
  from.on('end', () => { if (rest.length > 0) pass(Buffer.concat([rest, Buffer.from('\n')])) })
}
