import type { FastifyBaseLogger } from 'fastify'

/** Runs a task repeatedly until it is closed. */
export interface Poller {
  start: () => void
  /** Waits for a run in progress. */
  close: () => Promise<void>
}

/**
 * @param interval the time between two runs, in milliseconds.
 * @param message is logged if a run fails.
 */
export function createPoller (
  task: () => Promise<void>, interval: number, log: Pick<FastifyBaseLogger, 'warn'>, message: string
): Poller {
  let timer: NodeJS.Timeout | undefined
  let currentRun: Promise<void> = Promise.resolve()

  function schedule (): void {
    timer = setTimeout(() => {
      currentRun = task()
        .catch((error: unknown) => { log.warn({ err: error }, message) })
        .then(() => { if (timer !== undefined) schedule() })
    }, interval)
  }

  return {
    start: schedule,
    async close () {
      clearTimeout(timer)
      timer = undefined
      await currentRun
    }
  }
}
