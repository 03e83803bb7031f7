import bcrypt from 'bcryptjs'
import { Piscina } from 'piscina'
import type { Test } from 'tap'
import { costOf } from '../../src/passwords/bcrypt.ts'
import runTask, { type PasswordTask } from '../../src/passwords/worker.ts'

/** Returns how many rounds of bcrypt a comparison takes, which is what its duration depends on. */
export function countRounds (t: Test, compare: () => unknown): number {
  const compareSync = t.capture(bcrypt, 'compareSync', bcrypt.compareSync)
  compare()
  compareSync.restore()
  return compareSync().map(({ args: [, hash] }) => 2 ** costOf(hash)).reduce((sum, rounds) => sum + rounds, 0)
}

/**
 * Returns how many rounds of bcrypt the requests of a task take, in all worker threads of this process. Repeats the
 * tasks of the threads, because they cannot be observed.
 */
export async function countRoundsInThreads (t: Test, task: () => Promise<unknown>): Promise<number> {
  const run = t.capture(Piscina.prototype, 'run', Piscina.prototype.run)
  await task()
  run.restore()
  return countRounds(t, () => run().map(({ args: [passwordTask] }) => runTask(passwordTask as PasswordTask)))
}
