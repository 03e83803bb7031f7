import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from 'mongodb'

/** In milliseconds. A lease expires after ten seconds, and the sweeper runs every second. */
const timeout = 20_000

const marks = [
  ['stock', { 'leases.0': { $exists: true } }, 'a lease'],
  ['stock', { gaps: true }, 'a gaps mark'],
  ['claims', { releasing: { $exists: true } }, 'a releasing mark'],
  ['couponCodes', { waiting: true }, 'a code without a number'],
  ['couponPools', { raising: true }, 'a pool whose size is not in the stock yet']
] as const

/** Waits until the sweeper has finished the work of killed servers. Returns the remaining work as sentences. */
export async function waitForSweeper (db: Db, signal: AbortSignal): Promise<string[]> {
  const deadline = Date.now() + timeout
  while (true) {
    const left = await findUnfinished(db)
    if (left.length === 0) return []
    if (Date.now() > deadline) {
      return left.map(what => `the sweeper has not finished after ${timeout / 1000} seconds: ${what}`)
    }
    await sleep(200, undefined, { signal })
  }
}

async function findUnfinished (db: Db): Promise<string[]> {
  const found = await Promise.all(marks.map(async ([collection, filter, what]) => {
    const row = await db.collection(collection).findOne(filter)
    return row === null ? [] : [`${what} in ${collection}: ${JSON.stringify(row)}`]
  }))
  return found.flat()
}
