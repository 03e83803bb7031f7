import { randomUUID } from 'node:crypto'
import { Timestamp, type Db } from 'mongodb'
import { head, measure, row } from './measure.ts'
import { newUser, type Engine, type Side } from './sides.ts'

const aRequest = 100

/** Ours against `insertMany` of the same documents, as many in one command as there are requests in flight. */
export async function ingestions (engine: Engine, db: Db, mongod: number): Promise<string[]> {
  const activity = () => ({ userId: newUser(), type: 'quest.cleared', occurredAt: new Date(), data: { questId: 'q-7' } })
  const ingest: Side = async (inFlight, until) => {
    let done = 0
    await Promise.all(Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        await engine.ingest(Array.from({ length: aRequest }, () => ({ sender: 'bench', id: randomUUID(), ...activity() })))
        done += aRequest
      }
    }))
    return done
  }
  const raw: Side = async (inFlight, until) => {
    let done = 0
    for (; performance.now() < until; done += aRequest * inFlight) {
      const rows = Array.from({ length: aRequest * inFlight }, () => ({ _id: `raw:bench:${randomUUID()}`, ...activity(), receivedAt: new Timestamp({ t: 0, i: 0 }) }))
      await db.collection<{ _id: string }>('activities').insertMany(rows, { ordered: false })
    }
    return done
  }
  const figures = await measure({ raw, ingest }, { inFlight: 16, mongod })
  return [head, row('raw insertMany', figures.raw), row('ours', figures.ingest, figures.raw)]
}
