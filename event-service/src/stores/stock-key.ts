/** The key of a stock. A slot is a number that is unique among the claims with the same key. */
export interface StockKey {
  readonly eventId: string
  /** The period of the stock, if it is per period. */
  readonly stockPeriod?: string | undefined
}

/** Returns the id of a stock. Event ids contain no underscores. */
export function stockId ({ eventId, stockPeriod }: StockKey): string {
  return stockPeriod === undefined ? eventId : `${eventId}_${stockPeriod}`
}

/** Returns the event of a `stockId`. */
export function eventOfStock (id: string): string {
  return id.replace(/_.*$/, '')
}

/** Returns the key of a stock document. */
export function keyOf ({ eventId, stockPeriod }: StockKey): StockKey {
  return { eventId, ...(stockPeriod === undefined ? {} : { stockPeriod }) }
}

/** Returns the filter of a stock document. Without the shard key, a sharded cluster would query every shard. */
export function filterOf (key: StockKey): { _id: string, eventId: string } {
  return { _id: stockId(key), eventId: key.eventId }
}
