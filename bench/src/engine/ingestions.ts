import { randomUUID } from 'node:crypto'
import { Timestamp, type Db } from 'mongodb'
import { head, measure, row } from './measure.ts'
import { newUser, type Engine, type Side } from './sides.ts'

const perRequest = 100

/** Compares the engine with `insertMany` of the same documents, in commands of the size of the requests in flight. */
export async function ingestions (engine: Engine, db: Db, mongod: number): Promise<string[]> {
  const activity = () =>
    ({ userId: newUser(), type: 'quest.cleared', occurredAt: new Date(), data: { questId: 'q-7' } })
  const ingest: Side = async (inFlight, until) => {
    let done = 0
    await Promise.all(Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        const batch = Array.from({ length: perRequest }, () => ({ sender: 'bench', id: randomUUID(), ...activity() }))
        await engine.ingest(batch)
        done += perRequest
      }
    }))
    return done
  }
  const raw: Side = async (inFlight, until) => {
    let done = 0
    for (; performance.now() < until; done += perRequest * inFlight) {
      const rows = Array.from({ length: perRequest * inFlight }, () =>
        ({ _id: `raw:bench:${randomUUID()}`, ...activity(), receivedAt: new Timestamp({ t: 0, i: 0 }) }))
      await db.collection<{ _id: string }>('activities').insertMany(rows, { ordered: false })
    }
    return done
  }
  const figures = await measure({ raw, ingest }, { inFlight: 16, mongod })
  return [head, row('raw insertMany', figures.raw), row('engine', figures.ingest, figures.raw)]
}
