import { setTimeout as sleep } from 'node:timers/promises'
import {
  startKilledDatabase, startQuietDatabase, startReplicaSet, type Database, type DatabaseOptions
} from './database.ts'
import type { Random } from '../kit/run/random.ts'
import type { ChaosServer } from './servers.ts'

export interface FaultOptions {
  readonly servers: readonly ChaosServer[]
  readonly database: Database
  readonly random: Random
  readonly signal: AbortSignal
  /** Called before each fault. */
  readonly shouldContinue: () => boolean
  readonly onKill: () => void
}

/** A class of failures. */
export interface Scenario {
  readonly name: string
  readonly users: number
  /** How many clients the load has. */
  readonly clients: number
  /** The number of kills after which a run without a duration ends. */
  readonly minKills: number
  readonly startDatabase: (options: DatabaseOptions) => Promise<Database>
  /** Repeatedly lets the load run for a moment, kills something and restarts it. */
  readonly injectFaults: (options: FaultOptions) => Promise<void>
}

/** Kills one server or both. If only one is killed, the other one keeps working. */
async function killServers ({ servers, random, signal, shouldContinue, onKill }: FaultOptions): Promise<void> {
  const own = random.fork('server faults')
  while (shouldContinue()) {
    await sleep(own.between(100, 900), undefined, { signal })
    const victims = own.chance(0.3) ? servers : [own.pick(servers)]
    await Promise.all(victims.map(async ({ kill, start }) => {
      onKill()
      await kill()
      await start()
    }))
  }
}

async function disturbDatabase ({ database, random, signal, shouldContinue, onKill }: FaultOptions): Promise<void> {
  const own = random.fork('database faults')
  while (shouldContinue()) {
    await sleep(own.between(1500, 3500), undefined, { signal })
    onKill()
    await database.injectFault()
  }
}

const smallLoad = { users: 400, clients: 8 }

export const scenarios: readonly Scenario[] = [
  {
    name: 'processes',
    users: 700,
    clients: 16,
    minKills: 30,
    startDatabase: startQuietDatabase,
    injectFaults: killServers
  },
  { name: 'mongod', ...smallLoad, minKills: 5, startDatabase: startKilledDatabase, injectFaults: disturbDatabase },
  { name: 'stepdown', ...smallLoad, minKills: 4, startDatabase: startReplicaSet, injectFaults: disturbDatabase }
]
