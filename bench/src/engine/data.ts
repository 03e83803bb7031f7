import type { Db, Document } from 'mongodb'
import { Timestamp } from 'mongodb'
import { newUser, type Engine } from './sides.ts'

interface Row extends Document { _id: string }

const hour = 3_600_000
const audit = {
  id: '',
  at: new Date(),
  actorId: 'bench',
  role: 'ADMIN',
  action: 'createEvent',
  targetType: 'EVENT',
  targetId: '',
  requestId: 'bench'
} as const
let made = 0

/** Creates an ACTIVE event with one reward. `target` is the required number of cleared quests. */
export async function makeEvent (
  engine: Engine, { stock, target }: { stock: number | null, target?: number }
): Promise<string> {
  const now = new Date()
  const id = `bench${made++}`
  await engine.events.insert({
    id,
    name: id,
    description: '',
    startsAt: new Date(now.getTime() - 48 * hour),
    endsAt: new Date(now.getTime() + 48 * hour),
    claimUntil: null,
    dayStartsAt: '00:00',
    weekStartsOn: 'MONDAY',
    timeZone: 'Asia/Seoul',
    condition: target === undefined ? null : { aggregation: 'count', activity: 'quest.cleared', target },
    claimPeriod: 'EVENT',
    stockPer: 'EVENT',
    grantMode: 'AUTO',
    group: null,
    position: 0,
    status: 'ACTIVE',
    activatedAt: now,
    rewards: [{ rewardId: 'points', type: 'POINT', name: '500 points', amount: 500, attributes: {}, stock }],
    version: 1,
    createdAt: now,
    updatedAt: now
  }, { ...audit, id: `audit-${id}` })
  return id
}

/** Returns the row of a claim that the engine wrote. */
export async function templateOf (engine: Engine, db: Db, eventId: string): Promise<Document> {
  const outcome = await engine.claim({ eventId, userId: newUser(), role: 'USER', requestId: 'bench' })
  if (outcome.type !== 'granted') throw new Error(`the claim was not granted: ${outcome.type}`)
  return await db.collection<Row>('claims').findOne({ _id: outcome.claim.id }) as Document
}

/** Creates `count` users who have cleared `each` quests. */
export async function giveActivities (engine: Engine, count: number, each: number): Promise<string[]> {
  const users = Array.from({ length: count }, newUser)
  for (let from = 0; from < count; from += 100) {
    const activities = users.slice(from, from + 100).flatMap(userId => Array.from({ length: each }, (_, index) => {
      const occurredAt = new Date(Date.now() - index * 60_000)
      return { sender: 'bench', id: String(index), userId, type: 'quest.cleared', occurredAt }
    }))
    await engine.ingest(activities)
  }
  return users
}

/** Creates a user with quests that arrived one hour ago. */
export async function giveHistory (_: Engine, db: Db, length: number): Promise<string> {
  const userId = newUser()
  const arrived = Math.floor(Date.now() / 1000) - 3600
  const rows = Array.from({ length }, (_, index): Row => ({
    _id: `${userId}:bench:${index}`,
    userId,
    type: 'quest.cleared',
    occurredAt: new Date(Date.now() - hour - (index % 40) * hour),
    receivedAt: new Timestamp({ t: arrived, i: index + 1 })
  }))
  for (let from = 0; from < length; from += 10_000) {
    await db.collection<Row>('activities').insertMany(rows.slice(from, from + 10_000))
  }
  return userId
}

/** Inserts existing claims of 100,000 users, 100,000 per event. */
export async function fill (db: Db, template: Document, count: number): Promise<void> {
  for (let from = 0; from < count; from += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, count - from) }, (_, index): Row => {
      const [eventId, userId] = [`old${Math.floor((from + index) / 100_000)}`, `old-user-${(from + index) % 100_000}`]
      const createdAt = new Date(Date.now() - (count - from - index) * 50)
      return { ...template, _id: `${eventId}_${userId}_EVENT`, eventId, userId, createdAt }
    })
    await db.collection<Row>('claims').insertMany(rows, { ordered: false })
  }
}
