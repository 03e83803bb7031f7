import { randomUUID } from 'node:crypto'
import { createEngine } from '@laurel/event-service/engine'
import type { Db, Document } from 'mongodb'

export type Engine = ReturnType<typeof createEngine>

/**
 * Repeats an operation, `inFlight` at a time, until `until` (`performance.now()`). Returns the number of operations.
 */
export type Side = (inFlight: number, until: number) => Promise<number>

interface Row extends Document { _id: string }

let lastUser = 0
const prefix = randomUUID().slice(0, 8)

/** Returns a user who has not claimed anything yet. */
export function newUser (): string {
  return `${prefix}-${lastUser++}`
}

async function clients (inFlight: number, until: number, once: () => Promise<void>): Promise<number> {
  let done = 0
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (performance.now() < until) {
      await once()
      done += 1
    }
  }))
  return done
}

/** The engine. Each claim is made by another user, by default a new one. */
export function ours (engine: Engine, eventId: string, users: () => string = newUser): Side {
  return async (inFlight, until) => await clients(inFlight, until, async () => {
    await engine.claim({ eventId, userId: users(), role: 'USER', requestId: randomUUID() })
  })
}

/** The lower bound: only inserts the same documents, `inFlight` per command, without any reads or decisions. */
export function bareInsert (db: Db, template: Document): Side {
  const claims = db.collection<Row>('claims')
  return async (inFlight, until) => {
    let done = 0
    while (performance.now() < until) {
      const rows = Array.from({ length: inFlight }, () => {
        const userId = newUser()
        return { ...template, _id: `bare_${userId}_EVENT`, eventId: 'bare', userId }
      })
      if (rows.length === 1) await claims.insertOne(rows[0] as Row)
      else await claims.insertMany(rows, { ordered: false })
      done += inFlight
    }
    return done
  }
}

/** The textbook solution: one transaction per claim reads the event and the claim, decrements the stock and inserts. */
export function transactions (db: Db, template: Document, isLimited: boolean): Side {
  const events = db.collection<Row>('events')
  const claims = db.collection<Row>('claims')
  const counters = db.collection<Row>('textbookStock')
  return async (inFlight, until) => {
    const eventId = `textbook${randomUUID().slice(0, 8)}`
    await events.insertOne({ _id: eventId, status: 'ACTIVE' })
    await counters.insertOne({ _id: eventId, left: 1_000_000_000 })
    return await clients(inFlight, until, async () => {
      const userId = newUser()
      const _id = `${eventId}_${userId}_EVENT`
      await db.client.withSession(async session => await session.withTransaction(async () => {
        await events.findOne({ _id: eventId }, { session })
        if (await claims.findOne({ _id }, { session }) !== null) return
        if (isLimited) {
          await counters.updateOne({ _id: eventId, left: { $gt: 0 } }, { $inc: { left: -1 } }, { session })
        }
        await claims.insertOne({ ...template, _id, eventId, userId }, { session })
      }))
    })
  }
}
