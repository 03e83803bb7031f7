import { DomainError } from '@laurel/shared/errors'

/** One request on its way through a batch. */
export interface Pending<I, O> {
  readonly input: I
  readonly resolve: (output: O) => void
  readonly reject: (error: unknown) => void
}

export interface GroupCommitOptions {
  /** Weight that a batch has at most, but for a single request that weighs more. */
  readonly maxWeight: number
  /** Batches that are on their way at once. */
  readonly parallel?: number
  /** Requests that wait at most. */
  readonly maxWaiting?: number
  /** Milliseconds that a request waits at most until its batch begins. */
  readonly maxWait?: number
  /** Told of every batch how many requests it has. */
  readonly noteBatch?: (requests: number) => void
}

interface Waiting<I, O> extends Pending<I, O> {
  readonly weight: number
  readonly timer: NodeJS.Timeout
}

/**
 * Group commit: a database command costs about the same for one request as for hundreds, so requests that come while
 * others are on their way go together. An idle one goes at once.
 * @param run settles every request of its batch, now or later; what it throws is told to those that are not settled yet.
 * @returns what adds a request; rejects with 503 where too many wait or one waits too long.
 */
export function createGroupCommit<I, O> (
  run: (batch: ReadonlyArray<Pending<I, O>>) => Promise<void>, { maxWeight, parallel = 1, maxWaiting = 10_000, maxWait = 5000, noteBatch = () => undefined }: GroupCommitOptions
): (input: I, weight?: number) => Promise<O> {
  const waiting = new Set<Waiting<I, O>>()
  let underWay = 0
  let isScheduled = false

  function schedule (): void {
    if (isScheduled || waiting.size === 0 || underWay >= parallel) return
    isScheduled = true
    // What came with the same turn of the event loop goes along.
    setImmediate(() => {
      isScheduled = false
      underWay += 1
      const batch = takeBatch()
      noteBatch(batch.length)
      run(batch)
        .catch((error: unknown) => { for (const { reject } of batch) reject(error) })
        .finally(() => {
          underWay -= 1
          schedule()
        })
      schedule()
    })
  }

  function takeBatch (): ReadonlyArray<Pending<I, O>> {
    const batch: Array<Pending<I, O>> = []
    let total = 0
    for (const request of waiting) {
      total += request.weight
      if (batch.length > 0 && total > maxWeight) break
      clearTimeout(request.timer)
      waiting.delete(request)
      batch.push(request)
    }
    return batch
  }

  return async (input, weight = 1) => await new Promise<O>((resolve, reject) => {
    if (waiting.size >= maxWaiting) {
      reject(tooBusy())
      return
    }
    const request: Waiting<I, O> = {
      input,
      weight,
      resolve,
      reject,
      timer: setTimeout(() => {
        waiting.delete(request)
        reject(tooBusy())
      }, maxWait)
    }
    waiting.add(request)
    schedule()
  })
}

function tooBusy (): DomainError {
  return new DomainError('unavailable', 'TOO_BUSY', 'Too many ask at the moment', { retryAfter: 1 })
}
