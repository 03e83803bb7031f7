import type { Db } from 'mongodb'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds: a lease is old after ten seconds, and the sweeper looks every second. */
const patience = 20_000

/** Waits until the sweeper has finished what the dead have begun. @returns what is still left, in sentences. */
export async function settle (db: Db, signal: AbortSignal): Promise<string[]> {
  const givesUpAt = Date.now() + patience
  while (true) {
    const left = await unfinished(db)
    if (left.length === 0 || Date.now() > givesUpAt) return left.map(sentence => `the sweeper has not finished after ${patience / 1000} seconds: ${sentence}`)
    await sleep(200, undefined, { signal })
  }
}

async function unfinished (db: Db): Promise<string[]> {
  const marks = [
    ['stock', { 'leases.0': { $exists: true } }, 'a lease'],
    ['stock', { gaps: true }, 'a gaps mark'],
    ['claims', { releasing: { $exists: true } }, 'a releasing mark'],
    ['couponCodes', { waiting: true }, 'a code without number'],
    ['couponPools', { raising: true }, 'a pool that the stock does not tell']
  ] as const
  const found = await Promise.all(marks.map(async ([collection, filter, what]) => {
    const row = await db.collection(collection).findOne(filter)
    return row === null ? [] : [`${what} in ${collection}: ${JSON.stringify(row)}`]
  }))
  return found.flat()
}
