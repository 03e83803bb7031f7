import { setTimeout as sleep } from 'node:timers/promises'
import type { Acknowledged } from './acknowledged.ts'
import type { Client } from './client.ts'
import { ingesting, looking } from './load-activities.ts'
import { claiming, reviewing } from './load-claims.ts'
import { fillingPools, raisingStock } from './load-supply.ts'
import type { Random } from './random.ts'
import type { CrashEvent } from './world.ts'

/** Where the load works. */
export interface Place {
  readonly client: Client
  readonly events: readonly CrashEvent[]
  /** `user-0`, `user-1`, … */
  readonly users: number
  readonly acknowledged: Acknowledged
  /** An Idempotency-Key that nobody used before. */
  readonly newKey: () => string
}

export type Operation = (random: Random) => Promise<void>

/** Keeps so many clients busy, each with its own sequence of operations, until the signal; then waits for the last answers. */
export async function loadUntil (done: AbortSignal, place: Place, clients: number, random: Random): Promise<void> {
  const operations: ReadonlyArray<readonly [weight: number, Operation]> = [
    [60, claiming(place)],
    [14, reviewing(place)],
    [16, ingesting(place)],
    [6, looking(place)],
    [2, raisingStock(place)],
    [2, fillingPools(place)]
  ]
  const lots = operations.flatMap(([weight, operation]) => Array.from({ length: weight }, () => operation))
  await Promise.all(Array.from({ length: clients }, async (_, index) => {
    const own = random.fork(`client ${index}`)
    while (!done.aborted) {
      await own.pick(lots)(own)
      await sleep(own.between(0, 60))
    }
  }))
}
