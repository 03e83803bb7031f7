import { availableParallelism } from 'node:os'
import { DomainError } from '@laurel/shared/errors'
import { Piscina } from 'piscina'
import { costOf, unmatchableHash } from './bcrypt.ts'
import type { PasswordTask } from './worker.ts'

export interface PasswordHasher {
  /** Throws 503 `TOO_BUSY` if the queue is full. */
  hash: (password: string) => Promise<string>
  /**
   * Compares a password with a hash. Takes the same time for every hash, and if there is none.
   * Throws 503 `TOO_BUSY` if the queue is full.
   */
  verify: (password: string, hash?: string | null) => Promise<boolean>
  /** Returns whether a hash has a lower cost than new ones. */
  needsRehash: (hash: string) => boolean
  /** Returns the number of tasks that no thread has started yet. */
  queueLength: () => number
  close: () => Promise<void>
}

export interface PasswordHasherOptions {
  /** The default is one per core. */
  readonly threads?: number
  /**
   * The maximum number of queued tasks per thread. At cost 12, a task takes about 0.3 s, so the last one waits for
   * about 5 seconds.
   */
  readonly queuePerThread?: number
  /** The maximum expected wait, in milliseconds. The gateway gives up after ten seconds. */
  readonly maxWait?: number
  /** The highest cost of all stored hashes. Every comparison takes as long as one with a hash of this cost. */
  readonly maxStoredCost?: number
}

/** Runs bcryptjs in worker threads. The main thread never computes a hash. */
export function createPasswordHasher (cost: number, options: PasswordHasherOptions = {}): PasswordHasher {
  const { threads = availableParallelism(), queuePerThread = 16, maxWait = 5000, maxStoredCost = cost } = options
  const pool = new Piscina<PasswordTask, string | boolean>({
    // Always the built file, because loading TypeScript in a thread takes longer than hashing.
    filename: import.meta.resolve('#password-worker'),
    // Piscina calls `require` first. Node.js 20 aborts the process if a thread is terminated while it requires an ES
    // module, such as in a shutdown soon after the start. Without the feature, Piscina imports the file.
    execArgv: ['--no-experimental-require-module'],
    // A worker does not need the preloads of NODE_OPTIONS, such as an agent or the loader of the tests.
    env: { ...process.env, NODE_OPTIONS: '' },
    minThreads: 1,
    maxThreads: threads,
    maxQueue: threads * queuePerThread,
    idleTimeout: 30_000
  })

  async function run (task: PasswordTask): Promise<string | boolean> {
    const expectedWait = pool.queueSize * pool.histogram.runTime.average / threads
    if (pool.queueSize >= threads * queuePerThread || expectedWait > maxWait) {
      throw new DomainError('unavailable', 'TOO_BUSY', 'The server is busy; retry after 2 seconds.', { retryAfter: 2 })
    }
    return await pool.run(task)
  }

  const verifyCost = Math.max(cost, maxStoredCost)
  const noHash = unmatchableHash(verifyCost)
  return {
    hash: async password => await run({ password, cost }) as string,
    verify: async (password, hash) => await run({ password, cost: verifyCost, hash: hash ?? noHash }) as boolean,
    needsRehash: hash => costOf(hash) < cost,
    queueLength: () => pool.queueSize,
    close: async () => { await pool.destroy() }
  }
}
