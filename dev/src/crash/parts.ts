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
}

export interface Part {
  readonly name: string
  /** How many users and clients the load has. */
  readonly users: number
  readonly clients: number
  /** Kills that make it worth something. */
  readonly enough: number
  readonly startDatabase: (place: DatabasePlace) => Promise<Database>
  /** Lets the load work for a moment, then kills something and starts it again. @returns how many it killed. */
  readonly disturb: (disturbance: Disturbance) => Promise<number>
}

async function disturbServers ({ servers, random, signal }: Disturbance): Promise<number> {
  await sleep(random.between(200, 1000), undefined, { signal })
  const victims = random.chance(0.15) ? servers : [random.pick(servers)]
  await Promise.all(victims.map(async ({ kill, start }) => {
    await kill()
    await start()
  }))
  return victims.length
}

async function disturbDatabase ({ database, random, signal }: Disturbance): Promise<number> {
  await sleep(random.between(2000, 4000), undefined, { signal })
  await database.disturb()
  return 1
}

export const parts: readonly Part[] = [
  { name: 'processes', users: 700, clients: 16, enough: 30, startDatabase: async place => await startOne(place, true), disturb: disturbServers },
  { name: 'mongod', users: 400, clients: 10, enough: 5, startDatabase: async place => await startOne(place, false), disturb: disturbDatabase },
  { name: 'stepdown', users: 400, clients: 10, enough: 3, startDatabase: startThree, disturb: disturbDatabase }
]
