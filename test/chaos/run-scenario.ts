import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { makeThrowAwayDir } from '../kit/mongo/throw-away.ts'
import { createAcknowledged } from './acknowledged.ts'
import { startAuthStandIn } from './auth-stand-in.ts'
import { checkEverything } from './check-everything.ts'
import { createClient } from './client.ts'
import { createEvents } from './events.ts'
import { insertEarlierGrants } from './load-statistics.ts'
import { runLoad, type LoadContext } from './load.ts'
import { createRandom, type Random } from '../kit/run/random.ts'
import type { FaultOptions, Scenario } from './scenarios.ts'
import { checkTheChecks } from './self-check.ts'
import { createServer } from './servers.ts'

export interface RunOptions {
  /** The folder of the repository. */
  readonly root: string
  readonly seed: number
  /** The duration of the load. If `undefined`, until the scenario has made its kills. */
  readonly seconds: number | undefined
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

export interface Report {
  readonly kills: number
  /** The number of times each outcome occurred. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly claims: number
  readonly soldOut: number
  /** The kinds of damage that the checks detected in copies of the data. */
  readonly damages: number
  readonly violations: readonly string[]
  /** The last errors that the servers logged. */
  readonly serverLog: string
}

const databaseName = 'laurel_event'
const logTailLength = 6000
/** MongoDB aborts the transaction of a killed server after this time. The default is one minute. */
const transactionLifetimeLimitSeconds = 5

/**
 * Runs load and faults, lets the servers recover, sells out all events, and checks everything. Leaves nothing behind.
 */
export async function runScenario (
  scenario: Scenario, { root, seed, seconds, signal, print }: RunOptions
): Promise<Report> {
  const random = createRandom(seed).fork(scenario.name)
  const acknowledged = createAcknowledged()
  const { outcomes, unexpected } = acknowledged
  const { dir, remove } = makeThrowAwayDir()
  const logFile = join(dir, 'servers.log')
  const cleanups: Array<() => unknown> = [remove]
  try {
    const database = await scenario.startDatabase({ dir, signal, print })
    cleanups.push(database.stop)
    const auth = await startAuthStandIn()
    cleanups.push(auth.close)
    const options = {
      server: 'event-service' as const,
      root,
      env: { AUTH_URL: auth.url, EVENT_MONGODB_URI: database.uri, LOG_LEVEL: 'error' },
      logFile,
      signal,
      onUnexpected: (sentence: string) => { unexpected.push(sentence) }
    }
    const servers = [await createServer('first', options), await createServer('second', options)]
    cleanups.push(async () => { await Promise.all(servers.map(async ({ kill }) => { await kill() })) })
    await Promise.all(servers.map(async ({ start }) => { await start() }))
    const mongo = new MongoClient(database.uri, { readConcern: { level: 'majority' } })
    cleanups.push(async () => { await mongo.close() })
    await mongo.db('admin').command({ setParameter: 1, transactionLifetimeLimitSeconds })
    const db = mongo.db(databaseName)

    const client = createClient(servers.map(({ url }) => url), auth.tokenFor, acknowledged, signal)
    const events = await createEvents(client, random, acknowledged)
    await insertEarlierGrants(db, events)
    let keys = 0
    const context: LoadContext = { client, events, users: scenario.users, acknowledged, newKey: () => `key-${keys++}` }
    print('load and faults')
    const kills = await runFaults(scenario, context, { servers, database, random, signal }, seconds)
    print(`${kills} kills; waiting for the sweeper`)
    // A request whose client gave up may still be running.
    await sleep(500, undefined, { signal })
    const checked = await checkEverything({ db, context, random, signal, print })
    const { state, soldOut } = checked
    const violations = [...checked.violations]
    if (state.rollups.length === 0) violations.push('no rollup was saved, so no check compared any')
    const { damages, undetected } = violations.length === 0
      ? checkTheChecks(state, acknowledged)
      : { damages: 0, undetected: [] }
    violations.push(...undetected.map(name => `no check detects this damage: ${name}`))
    return { kills, outcomes, claims: state.claims.length, soldOut, damages, violations, serverLog: tailOf(logFile) }
  } catch (error) {
    print('ended early; this is what happened until then')
    for (const line of describeOutcomes(outcomes)) print(line)
    for (const sentence of unexpected) print(`unexpected: ${sentence}`)
    print(`the servers' last errors:\n${tailOf(logFile)}`)
    throw error
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

/** Runs the load while faults are injected. Returns the number of kills. */
async function runFaults (
  scenario: Scenario, context: LoadContext,
  options: Omit<FaultOptions, 'shouldContinue' | 'onKill'> & { readonly random: Random }, seconds: number | undefined
): Promise<number> {
  const done = new AbortController()
  const endsAt = Date.now() + (seconds ?? 0) * 1000
  let kills = 0
  const shouldContinue = (): boolean => seconds === undefined ? kills < scenario.minKills : Date.now() < endsAt
  const stop = AbortSignal.any([done.signal, options.signal])
  const load = runLoad(stop, context, scenario.clients, options.random)
  try {
    await scenario.injectFaults({ ...options, shouldContinue, onKill: () => { kills += 1 } })
  } finally {
    done.abort()
    await load
  }
  return kills
}

/** Returns one line for each outcome. */
export function describeOutcomes (outcomes: Report['outcomes']): string[] {
  const sorted = [...outcomes].sort(([a], [b]) => a < b ? -1 : 1)
  return sorted.map(([outcome, count]) => `  ${String(count).padStart(7)}  ${outcome}`)
}

function tailOf (file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-logTailLength) : ''
}
