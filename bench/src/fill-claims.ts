import type { Collection, Document } from 'mongodb'

export interface Row extends Document { _id: string }

/** The number of rows that one command inserts. */
const batchSize = 10_000

/**
 * Inserts the claims `from` to `to` of these events, at intervals of 2 seconds into the past. Each user has one claim
 * of each event. One in 1,000 is rejected.
 */
export async function fillClaims (claims: Collection<Row>, { template, eventIds, from, to }: {
  readonly template: Row
  readonly eventIds: readonly string[]
  readonly from: number
  readonly to: number
}): Promise<void> {
  for (let first = from; first < to; first += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, to - first) }, (_, index): Row => {
      const [n, at] = [first + index, new Date(Date.now() - (first + index) * 2000)]
      const [eventId, userId] = [eventIds[n % eventIds.length] ?? '', `user-${Math.floor(n / eventIds.length)}`]
      const id = `${eventId}_${userId}_EVENT`
      const row = { ...template, _id: id, eventId, userId, createdAt: at, updatedAt: at }
      const history = template['history'].map((entry: Document) => ({ ...entry, at, by: userId }))
      const { grantedAt, ...ungranted } = row as Row & { grantedAt?: Date }
      return n % 1000 === 0 ? { ...ungranted, status: 'REJECTED', history } : { ...row, grantedAt: at, history }
    })
    await claims.insertMany(rows, { ordered: false })
  }
}
