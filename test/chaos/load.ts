import { setTimeout as sleep } from 'node:timers/promises'
import type { Acknowledged } from './acknowledged.ts'
import type { Client } from './client.ts'
import type { ChaosEvent } from './events.ts'
import { ingestActivities, readProgress } from './load-activities.ts'
import { claimRewards, reviewClaims } from './load-claims.ts'
import { grantEarlierPeriod } from './load-grants.ts'
import { readStatistics } from './load-statistics.ts'
import { addCodes, raiseStock } from './load-supply.ts'
import type { Random } from '../kit/run/random.ts'

export interface LoadContext {
  readonly client: Client
  readonly events: readonly ChaosEvent[]
  /** The number of users: `user-0`, `user-1`, … */
  readonly users: number
  readonly acknowledged: Acknowledged
  /** Returns an Idempotency-Key that was not used before. */
  readonly newKey: () => string
  /** Creates accounts with these ids, if the scenario has real accounts. */
  readonly createUsers?: (ids: readonly string[]) => Promise<void>
}

export type Operation = (random: Random) => Promise<void>

export type Weighted = readonly [weight: number, Operation]

/**
 * Runs clients until the signal, each with its own sequence of operations, and waits for their last responses.
 * @param others operations in addition to the operations of event-service.
 */
export async function runLoad (
  done: AbortSignal, context: LoadContext, clients: number, random: Random, others: readonly Weighted[] = []
): Promise<void> {
  const weights: readonly Weighted[] = [
    [58, claimRewards(context)],
    [14, reviewClaims(context)],
    [16, ingestActivities(context)],
    [5, readProgress(context)],
    [5, readStatistics(context)],
    [3, grantEarlierPeriod(context)],
    [2, raiseStock(context)],
    [2, addCodes(context)],
    ...others
  ]
  const operations = weights.flatMap(([weight, operation]) => Array.from({ length: weight }, () => operation))
  await Promise.all(Array.from({ length: clients }, async (_, index) => {
    const own = random.fork(`client ${index}`)
    while (!done.aborted) {
      await own.pick(operations)(own)
      await sleep(own.between(0, 60))
    }
  }))
}
