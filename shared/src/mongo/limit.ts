import { DomainError } from '../errors.ts'

export interface LimitOptions {
  /** How much work may be in progress at once. */
  readonly concurrent: number
  /** How long work may wait until it begins, in milliseconds. */
  readonly maxWait: number
}

/** Runs work when fewer than `concurrent` others are in progress. Throws a 503 if it waits for too long. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>

/** Creates a limit on concurrent work, so that slow work cannot take all connections. */
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

  /** Lets the next work begin in the place of this one. */
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
