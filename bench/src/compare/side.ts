import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makeEvent } from '../engine/data.ts'
import { ours, type Side } from '../engine/sides.ts'

/** A command of the parent: make claims for `time` milliseconds. */
export interface Order {
  readonly event: 'unlimited' | 'limited'
  readonly inFlight: number
  readonly time: number
}

/** The result of a side. `cpu`: CPU milliseconds of this process. */
export interface Done {
  readonly claims: number
  readonly time: number
  readonly cpu: number
}

// Runs the engine of one built checkout in its own process and database: `node side.ts CHECKOUT URI`.
const [checkout = '', uri = ''] = process.argv.slice(2)
const load = async (file: string) => await import(pathToFileURL(join(resolve(checkout), file)).href)
const { createEngine, collections } = await load('event-service/dist/engine/index.js')
const { connectMongo } = await load('shared/dist/mongo/index.js')
const { db } = await connectMongo(uri, 'compare', 'bench', collections)
const engine = createEngine(db, console, () => undefined, () => undefined)
const sides: Readonly<Record<Order['event'], Side>> = {
  unlimited: ours(engine, await makeEvent(engine, { stock: null })),
  limited: ours(engine, await makeEvent(engine, { stock: 1_000_000_000 }))
}

async function run ({ event, inFlight, time }: Order): Promise<Done> {
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()]
  const claims = await sides[event](inFlight, startedAt + time)
  const { user, system } = process.cpuUsage(cpu)
  return { claims, time: performance.now() - startedAt, cpu: (user + system) / 1000 }
}

process.on('message', (order: Order) => { void run(order).then(done => process.send?.(done)) })
process.on('disconnect', () => { process.exit() })
process.send?.('ready')
