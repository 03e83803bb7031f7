import { setTimeout as sleep } from 'node:timers/promises'

/** Work in the background, step by step. */
export interface Loop {
  start: () => void
  /** Whether a step should end early. */
  isClosed: () => boolean
  /** Starts no further step. Resolves when none is in progress, or after 2 seconds: another process continues. */
  close: () => Promise<void>
}

/** How long `close` waits for a step, in milliseconds. */
const closeTime = 2000

/**
 * Creates a loop that is not started.
 * @param pause until the first step, in milliseconds.
 * @param step resolves to the pause until the next step. Must not reject.
 */
export function createLoop (pause: number, step: () => Promise<number>): Loop {
  let timer: NodeJS.Timeout | undefined
  let inProgress: Promise<void> = Promise.resolve()
  let isClosed = false

  function schedule (delay: number): void {
    if (isClosed) return
    timer = setTimeout(() => { inProgress = step().then(schedule) }, delay)
  }

  return {
    start: () => { schedule(pause) },
    isClosed: () => isClosed,
    async close () {
      isClosed = true
      clearTimeout(timer)
      await Promise.race([inProgress, sleep(closeTime, undefined, { ref: false })])
    }
  }
}
