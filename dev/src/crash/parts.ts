import { setTimeout as sleep } from 'node:timers/promises'
import { startOne, type Database, type DatabasePlace } from './database.ts'
import type { Random } from './random.ts'
import type { CrashServer } from './servers.ts'
import { startThree } from './three-mongods.ts'

export interface Disturbance {
  readonly servers: readonly CrashServer[]
  readonly database: Database
  readonly random: Random
  readonly signal: AbortSignal
  /** Asked before each kill. */
  readonly goesOn: () => boolean
  readonly noteKill: () => void
}

export interface Part {
  readonly name: string
  /** How many users and clients the load has. */
  readonly users: number
  readonly clients: number
  /** Kills that make it worth something. */
  readonly enough: number
  readonly startDatabase: (place: DatabasePlace) => Promise<Database>
  /** Lets the load work for a moment, kills something and starts it again, and so on. */
  readonly disturb: (disturbance: Disturbance) => Promise<void>
}

/** Kills one or both while they work; whoever is left works on while the other one comes back. */
async function disturbServers ({ servers, random, signal, goesOn, noteKill }: Disturbance): Promise<void> {
  const own = random.fork('life of the servers')
  while (goesOn()) {
    await sleep(own.between(100, 900), undefined, { signal })
    const victims = own.chance(0.3) ? servers : [own.pick(servers)]
    await Promise.all(victims.map(async ({ kill, start }) => {
      noteKill()
      await kill()
      await start()
    }))
  }
}

async function disturbDatabase ({ database, random, signal, goesOn, noteKill }: Disturbance): Promise<void> {
  const own = random.fork('life of the database')
  while (goesOn()) {
    await sleep(own.between(1500, 3500), undefined, { signal })
    noteKill()
    await database.disturb()
  }
}

export const parts: readonly Part[] = [
  { name: 'processes', users: 700, clients: 16, enough: 30, startDatabase: async place => await startOne(place, true), disturb: disturbServers },
  { name: 'mongod', users: 400, clients: 8, enough: 5, startDatabase: async place => await startOne(place, false), disturb: disturbDatabase },
  { name: 'stepdown', users: 400, clients: 8, enough: 4, startDatabase: startThree, disturb: disturbDatabase }
]
