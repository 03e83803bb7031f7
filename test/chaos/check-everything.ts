import type { Db } from 'mongodb'
import { checkAll } from './checks/index.ts'
import { checkResponses } from './checks/responses.ts'
import { checkStatistics } from './checks/statistics.ts'
import { readStatisticsOf } from './load-statistics.ts'
import type { LoadContext } from './load.ts'
import type { Random } from '../kit/run/random.ts'
import { sellOut } from './sell-out.ts'
import { readState, type State } from './state.ts'
import { waitForSweeper } from './sweeper.ts'

export interface CheckOptions {
  /** The database of event-service. */
  readonly db: Db
  readonly context: LoadContext
  readonly random: Random
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

export interface Checked {
  readonly state: State
  /** The number of events that were sold out. */
  readonly soldOut: number
  /** Violated guarantees, as sentences. */
  readonly violations: readonly string[]
}

/** After the load: waits for the sweeper, sells out all events, and compares the database with the acknowledgments. */
export async function checkEverything ({ db, context, random, signal, print }: CheckOptions): Promise<Checked> {
  const { client, events, acknowledged } = context
  const unfinished = await waitForSweeper(db, signal)
  print('selling out')
  const soldOut = await sellOut(context, random, signal)
  unfinished.push(...await waitForSweeper(db, signal))
  print('checking')
  // On a slow machine, the load may never read the statistics of the event that gets a rollup.
  for (const { id } of events) await readStatisticsOf(context, id, random)
  const state = await readState(db)
  const found = [
    ...checkAll(state, acknowledged),
    ...await checkResponses({ client, events, state, random }),
    ...await checkStatistics({ client, db, state, random })
  ]
  signal.throwIfAborted()
  // Read last, because the checks of responses may add to it.
  return { state, soldOut, violations: [...acknowledged.unexpected, ...unfinished, ...found] }
}
