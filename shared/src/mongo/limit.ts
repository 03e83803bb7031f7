import { DomainError } from '../errors.ts'

export interface LimitOptions {
  /** How many operations may run at the same time. */
  readonly concurrent: number
  /** How long an operation may wait before it starts, in milliseconds. */
  readonly maxWait: number
}

/** Runs `work` when fewer than `concurrent` operations are running. Throws a 503 if the wait is too long. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

/** Limits concurrent operations, so that slow ones cannot occupy all connections. */
export function createLimit ({ concurrent, maxWait }: LimitOptions): Limit {
  const waiting = new Set<() => void>()
  let inProgress = 0

  async function enter (): Promise<void> {
    if (inProgress < concurrent) {
      inProgress += 1
      return
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(begin)
        reject(tooBusy())
      }, maxWait)
      const begin = (): void => {
        clearTimeout(timer)
        waiting.delete(begin)
        resolve()
      }
      waiting.add(begin)
    })
  }

  /** Starts the next operation in the slot of the finished one. */
  function leave (): void {
    const [next] = waiting
    if (next === undefined) inProgress -= 1
    else next()
  }

  return async work => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}

function tooBusy (): DomainError {
  const message = 'Too many lists are being read; retry after 1 second.'
  return new DomainError('unavailable', 'TOO_BUSY', message, { retryAfter: 1 })
}
