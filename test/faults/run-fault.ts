import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { createAcknowledged } from '../chaos/acknowledged.ts'
import { checkEverything } from '../chaos/check-everything.ts'
import { createClient } from '../chaos/client.ts'
import { createEvents } from '../chaos/events.ts'
import { runLoad, type LoadContext } from '../chaos/load.ts'
import { makeThrowAwayDir } from '../kit/mongo/throw-away.ts'
import { createRandom } from '../kit/run/random.ts'
import { addUsers, checkAccounts, eventDatabase, signUp, type Accounts } from './load-accounts.ts'
import { createObserver, type Observed } from './observer.ts'
import { startPlatform, type Layout, type Platform } from './platform.ts'
import { runProbe } from './probe.ts'

/** One row of the table. */
export interface Fault {
  /** For the command line. */
  readonly name: string
  /** For the table. */
  readonly title: string
  readonly layout?: Layout
  /** Returns why the fault cannot be injected on this machine. */
  readonly missing?: () => string | undefined
  /** Injects the fault and repairs it. Resolves when it is repaired. */
  readonly inject: (platform: Platform, signal: AbortSignal) => Promise<void>
  /** Undoes changes that would outlive the processes. */
  readonly cleanUp?: (dir: string) => void
}

export interface Report {
  readonly observed: Observed
  /** How long the fault lasted, in milliseconds. */
  readonly lasted: number
  /** Claims and accounts that were acknowledged and compared with the database. */
  readonly acknowledged: number
  readonly violations: readonly string[]
  /** The last log lines of the servers. */
  readonly log: string
}

export interface RunOptions {
  readonly root: string
  readonly seed: number
  readonly signal: AbortSignal
  readonly print: (line: string) => void
}

const users = 400
const clients = 4
const warmUp = 2000
/** The number of milliseconds without a failure after which the platform counts as recovered. */
const quiet = 2500
const recovery = 20_000
/** Statuses that a fault may cause. 401 is caused by a wrong clock. */
const faultStatuses = [401, 500, 502, 503, 504]

/** Runs load, injects the fault, waits for recovery, and checks every guarantee. Leaves nothing behind. */
export async function runFault (fault: Fault, { root, seed, signal, print }: RunOptions): Promise<Report> {
  const random = createRandom(seed).fork(fault.name)
  const acknowledged = createAcknowledged()
  const { dir, remove } = makeThrowAwayDir()
  const logFile = join(dir, 'servers.log')
  const cleanups: Array<() => unknown> = [remove, () => { fault.cleanUp?.(dir) }]
  try {
    const onUnexpected = (sentence: string): void => { acknowledged.unexpected.push(sentence) }
    const platform = await startPlatform(fault.layout ?? {}, { root, dir, logFile, signal, onUnexpected })
    cleanups.push(platform.stop)
    const mongo = new MongoClient(platform.database.uri, { readConcern: { level: 'majority' } })
    cleanups.push(async () => { await mongo.close() })
    await addUsers(mongo, Array.from({ length: users }, (_, index) => `user-${index}`))

    const observer = createObserver()
    const { onAttempt, onGrant } = observer
    const client = createClient([platform.url], platform.tokenFor, acknowledged, signal, {
      faultStatuses, timeLimit: 20_000, onAttempt
    })
    const events = await createEvents(client, random, acknowledged)
    let keys = 0
    const context: LoadContext = {
      client,
      events,
      users,
      acknowledged,
      newKey: () => `key-${keys++}`,
      createUsers: async ids => { await addUsers(mongo, ids) }
    }
    const accounts: Accounts = { ids: new Map(), signedIn: new Set() }

    const done = new AbortController()
    const stop = AbortSignal.any([done.signal, signal])
    const load = [
      runLoad(stop, context, clients, random, [[6, signUp(context, accounts)]]),
      runProbe(stop, context, random, onGrant)
    ]
    let [faultAt, repairedAt] = [0, 0]
    try {
      await sleep(warmUp, undefined, { signal })
      print('fault')
      faultAt = performance.now()
      await fault.inject(platform, signal)
      repairedAt = performance.now()
      print('repaired')
      const since = (): number => Math.min(performance.now() - repairedAt, observer.quietFor())
      while (since() < quiet && performance.now() - repairedAt < recovery) await sleep(100, undefined, { signal })
    } finally {
      done.abort()
      await Promise.all(load)
    }
    const observed = observer.sum(faultAt, repairedAt)
    const { violations } = await checkEverything({ db: mongo.db(eventDatabase), context, random, signal, print })
    const lost = await checkAccounts(mongo, accounts)
    return {
      observed,
      lasted: repairedAt - faultAt,
      acknowledged: acknowledged.claims.length + accounts.ids.size,
      violations: [...violations, ...lost],
      log: tailOf(logFile)
    }
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
}

function tailOf (file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').slice(-2000) : ''
}
