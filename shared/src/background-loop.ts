import { setTimeout as sleep } from 'node:timers/promises'

/** Background work that runs in steps. */
export interface BackgroundLoop {
  start: () => void
  /** Whether the current step should end early. */
  isClosed: () => boolean
  /**
   * Starts no further steps. Resolves when no step is running, or after 2 seconds. Another process continues the work.
   */
  close: () => Promise<void>
}

/** How long `close` waits for a step, in milliseconds. */
const closeTimeout = 2000

/**
 * Creates a loop. It is not started yet.
 * @param initialDelay the delay before the first step, in milliseconds.
 * @param step resolves to the delay before the next step, in milliseconds. It must not reject.
 */
export function createBackgroundLoop (initialDelay: number, step: () => Promise<number>): BackgroundLoop {
  let timer: NodeJS.Timeout | undefined
  let currentStep: Promise<void> = Promise.resolve()
  let isClosed = false

  function schedule (delay: number): void {
    if (isClosed) return
    timer = setTimeout(() => { currentStep = step().then(schedule) }, delay)
  }

  return {
    start: () => { schedule(initialDelay) },
    isClosed: () => isClosed,
    async close () {
      isClosed = true
      clearTimeout(timer)
      await Promise.race([currentStep, sleep(closeTimeout, undefined, { ref: false })])
    }
  }
}
