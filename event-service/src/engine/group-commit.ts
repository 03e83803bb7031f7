import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '@laurel/shared/errors'
import type { BatchTracer, RequestSpan } from '@laurel/shared/tracing'
import { Failed, zip } from '../batch.ts'

/** The request is requeued as the value that `resume` resolves to. If `resume` rejects, the request fails. */
export class Deferred<I> {
  readonly type = 'deferred'
  readonly resume: () => Promise<I>

  constructor (resume: () => Promise<I>) {
    this.resume = resume
  }
}

/** Defers a request for this many milliseconds. */
export function deferFor<I> (delay: number, request: I): Deferred<I> {
  return new Deferred(async () => await sleep(delay, request))
}

/** The outcome of one request of a batch: a result, a failure, or a deferral. */
export type BatchOutcome<I, O> = O | Failed | Deferred<I>

/**
 * Processes a batch. Returns one outcome per request, in their order.
 * If it throws, all requests of the batch fail with the error.
 */
export type RunBatch<I, O> = (requests: readonly I[]) => Promise<ReadonlyArray<BatchOutcome<I, O>>>

/** Adds a request with its weight. Throws a 503 if too many requests are waiting, or if this one waits too long. */
export type Submit<I, O> = (request: I, weight?: number) => Promise<O>

export interface GroupCommitOptions {
  /** The total weight of a batch. A single request may weigh more. */
  readonly maxWeight: number
  /** The maximum number of batches in flight. */
  readonly parallel?: number
  /**
   * While batches are in flight, another one starts only if this many requests are waiting or if each of the batches
   * has taken longer than `slowAfter`. Two small batches cost more than one large batch. The default is 1.
   */
  readonly overlapThreshold?: number
  /** A batch counts as slow after this many milliseconds. */
  readonly slowAfter?: number
  /** The maximum number of waiting requests. */
  readonly maxWaiting?: number
  /** How long a request may wait until its batch starts, in milliseconds. */
  readonly maxWait?: number
  /** Called for each batch with the number of its requests. */
  readonly onBatch?: (requests: number) => void
  /** If absent, batches are not traced. */
  readonly tracer?: BatchTracer | undefined
}

interface Entry<I, O> {
  readonly request: I
  readonly weight: number
  readonly resolve: (output: O) => void
  readonly reject: (error: unknown) => void
  readonly timer: NodeJS.Timeout
  readonly span: RequestSpan
}

/**
 * Group commit: a database command costs about the same for one request as for hundreds. Requests that arrive while a
 * batch is in flight form the next one. If no batch is in flight, one starts immediately. Only this module resolves the
 * promise of a request, sets a timer for it, or requeues it; `run` is a function from requests to outcomes.
 */
export function createGroupCommit<I, O> (run: RunBatch<I, O>, options: GroupCommitOptions): Submit<I, O> {
  const { maxWeight, parallel = 1, overlapThreshold = 1, slowAfter = 50 } = options
  const { maxWaiting = 10_000, maxWait = 5000, onBatch = () => undefined, tracer } = options
  const waiting = new Set<Entry<I, O>>()
  let inFlight = 0
  /** The timers of the batches in flight that are not slow. */
  const fastTimers = new Set<NodeJS.Timeout>()
  let isScheduled = false

  const submit: Submit<I, O> = async (request, weight = 1) => await enqueue(request, weight, tracer?.currentSpan())

  function enqueue (request: I, weight: number, span: RequestSpan): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      if (waiting.size >= maxWaiting) {
        reject(tooBusy())
        return
      }
      const timer = setTimeout(() => {
        waiting.delete(entry)
        reject(tooBusy())
      }, maxWait)
      const entry: Entry<I, O> = { request, weight, resolve, reject, timer, span }
      waiting.add(entry)
      schedule()
    })
  }

  function canStart (): boolean {
    return inFlight < parallel && (fastTimers.size === 0 || waiting.size >= overlapThreshold)
  }

  function schedule (): void {
    if (isScheduled || waiting.size === 0 || !canStart()) return
    isScheduled = true
    // Requests that arrive in the same iteration of the event loop join the batch.
    setImmediate(() => {
      isScheduled = false
      inFlight += 1
      const timer = setTimeout(() => {
        fastTimers.delete(timer)
        schedule()
      }, slowAfter)
      fastTimers.add(timer)
      void start(nextBatch()).finally(() => {
        inFlight -= 1
        clearTimeout(timer)
        fastTimers.delete(timer)
        schedule()
      })
      schedule()
    })
  }

  function nextBatch (): ReadonlyArray<Entry<I, O>> {
    const batch: Array<Entry<I, O>> = []
    let total = 0
    for (const entry of waiting) {
      total += entry.weight
      if (batch.length > 0 && total > maxWeight) break
      clearTimeout(entry.timer)
      waiting.delete(entry)
      batch.push(entry)
    }
    return batch
  }

  function start (batch: ReadonlyArray<Entry<I, O>>): Promise<void> {
    if (tracer === undefined) return commit(batch)
    return tracer.run(batch.map(({ span }) => span), async () => { await commit(batch) })
  }

  async function commit (batch: ReadonlyArray<Entry<I, O>>): Promise<void> {
    onBatch(batch.length)
    try {
      const outcomes = await run(batch.map(({ request }) => request))
      for (const [entry, outcome] of zip(batch, outcomes)) finish(entry, outcome)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  function finish ({ weight, resolve, reject, span }: Entry<I, O>, outcome: BatchOutcome<I, O>): void {
    if (outcome instanceof Failed) reject(outcome.error)
    else if (outcome instanceof Deferred) requeue(outcome, weight, span).then(resolve, reject)
    else resolve(outcome)
  }

  async function requeue ({ resume }: Deferred<I>, weight: number, span: RequestSpan): Promise<O> {
    return await enqueue(await resume(), weight, span)
  }

  return submit
}

function tooBusy (): DomainError {
  const message = 'The server is busy; retry after 1 second.'
  return new DomainError('unavailable', 'TOO_BUSY', message, { retryAfter: 1 })
}
