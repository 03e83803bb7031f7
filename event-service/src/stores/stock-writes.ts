import { timeLimit, withoutCausality } from '@laurel/shared/mongo'
import type { Db, Document, Filter } from 'mongodb'
import { filterOf, type StockKey } from './stock-key.ts'
import type { LeaseEntry, StockDocument } from './stock-pipelines.ts'

// A failover may lose these writes. This is harmless, because the write of the claim waits for a majority.
const options = { writeConcern: { w: 1 }, ...timeLimit } as const

/** Updates a stock document, if it exists and matches the filter. */
export async function updateStock (
  db: Db, key: StockKey, pipeline: Document[], filter: Filter<StockDocument> = {}
): Promise<void> {
  const stock = db.collection<StockDocument>('stock')
  await withoutCausality(db, async session => {
    await stock.updateOne({ ...filterOf(key), ...filter }, pipeline, { ...options, session })
  })
}

/** Updates a stock document. Returns its leases after the update, or `undefined` if it does not exist. */
export async function updateAndReadLeases (
  db: Db, key: StockKey, pipeline: Document[]
): Promise<readonly LeaseEntry[] | undefined> {
  const stock = db.collection<StockDocument>('stock')
  const leasesAfter = { returnDocument: 'after', projection: { leases: 1 }, ...options } as const
  return await withoutCausality(db, async session =>
    (await stock.findOneAndUpdate(filterOf(key), pipeline, { ...leasesAfter, session }))?.leases)
}
