import { availableParallelism } from 'node:os'
import { DomainError } from '@laurel/shared/errors'
import { Piscina } from 'piscina'
import { costOf, unmatchableHash } from './domain/password.ts'
import type { PasswordTask } from './password-worker.ts'

/** Waiting tasks for each thread: at cost 12 a task takes about 0.3 s, so the last one waits about 5 s. */
const queuePerThread = 16
/** Milliseconds. Where a task takes longer, by its cost or on a busy machine, fewer may wait: the gateway gives up after ten seconds. */
const longestWait = 5000

export interface Passwords {
  /** @throws {DomainError} 503 while too many wait. */
  hash: (password: string) => Promise<string>
  /** Takes equally long for an account that does not exist (`undefined`). @throws {DomainError} 503 while too many wait. */
  matches: (password: string, hash: string | undefined) => Promise<boolean>
  /** Whether a hash was made at a lower cost than new ones are. */
  isCheap: (hash: string) => boolean
  /** Tasks that no thread has begun yet. */
  waiting: () => number
  close: () => Promise<void>
}

/**
 * bcryptjs in worker threads, as many as there are cores: the server's own thread never computes a hash.
 * @param patience milliseconds that the last one may wait.
 */
export function createPasswords (cost: number, threads = availableParallelism(), patience = longestWait): Passwords {
  const pool = new Piscina<PasswordTask, string | boolean>({
    // The built file, also under a loader of TypeScript: a thread that loads one takes longer to start than to hash.
    filename: import.meta.resolve('#password-worker'),
    execArgv: [],
    // Nor what NODE_OPTIONS preloads, an agent of the operator's or of the tests: there is nothing here for it to see.
    env: { ...process.env, NODE_OPTIONS: '' },
    minThreads: 1,
    maxThreads: threads,
    maxQueue: threads * queuePerThread,
    idleTimeout: 30_000
  })
  async function work (task: PasswordTask): Promise<string | boolean> {
    const wait = pool.queueSize * pool.histogram.runTime.average / threads
    if (pool.queueSize >= threads * queuePerThread || wait > patience) {
      throw new DomainError('unavailable', 'TOO_BUSY', 'Too many sign-ins at the moment', { retryAfter: 2 })
    }
    return await pool.run(task)
  }
  const nobody = unmatchableHash(cost)
  return {
    hash: async password => await work({ password, cost }) as string,
    matches: async (password, hash = nobody) => await work({ password, cost, hash }) as boolean,
    isCheap: hash => costOf(hash) < cost,
    waiting: () => pool.queueSize,
    close: async () => { await pool.destroy() }
  }
}
