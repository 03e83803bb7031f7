import { Failed } from '../batch.ts'
import type { RewardEvent } from '../domain/event.ts'
import { stockEntries, type WantedTypes } from '../domain/messages.ts'
import { capacityOf } from '../domain/reward.ts'
import { stockPeriodAt } from '../domain/stock-per.ts'
import type { Webhook } from '../domain/webhook.ts'
import type { EventStore } from '../stores/events.ts'
import { stockId, type StockKey } from '../stores/stock-key.ts'
import type { StockStore } from '../stores/stock.ts'

export interface AnnounceOptions {
  readonly events: Pick<EventStore, 'announceEnds' | 'claimableSince'>
  readonly stock: Pick<StockStore, 'granted' | 'addEntry'>
}

/**
 * Adds outbox entries about changes that are not caused by a request: an event has ended, or a reward is low or sold
 * out.
 */
export type Announce = (webhooks: readonly Webhook[], now: Date) => Promise<void>

/** How long ago an event may have ended while no process was running, in milliseconds. */
const maxDelay = 24 * 60 * 60 * 1000
/** How long the stock of a period or an event is still checked after its end, in milliseconds. */
const afterEnd = 10_000
/** The number of stocks that one command reads. */
const batchSize = 100

interface CheckedStock {
  readonly key: StockKey
  readonly event: RewardEvent
}

export function createAnnounce ({ events, stock }: AnnounceOptions): Announce {
  async function announceStocks (stocks: readonly CheckedStock[], now: Date, wanted: WantedTypes): Promise<void> {
    const granted = await stock.granted(stocks.map(({ key }) => stockId(key)))
    for (const { key, event } of stocks) {
      const entries = stockEntries(event, granted.get(stockId(key)) ?? 0, now, wanted)
      for (const entry of entries) await stock.addEntry(key, entry)
    }
  }

  async function checkStocks (now: Date, wanted: WantedTypes): Promise<void> {
    const since = new Date(now.getTime() - afterEnd)
    let stocks: CheckedStock[] = []
    for await (const event of events.claimableSince(since, now)) {
      if (event instanceof Failed || capacityOf(event) === undefined) continue
      const periods = new Set([stockPeriodAt(event, since), stockPeriodAt(event, now)])
      for (const stockPeriod of periods) stocks.push({ key: { eventId: event.id, stockPeriod }, event })
      if (stocks.length < batchSize) continue
      await announceStocks(stocks, now, wanted)
      stocks = []
    }
    await announceStocks(stocks, now, wanted)
  }

  return async (webhooks, now) => {
    const subscribed = webhooks.filter(({ types }) => types.includes('event.ended'))
    if (subscribed.length > 0) {
      // A new webhook gets no messages about events that ended before it was created.
      const created = Math.min(...subscribed.map(({ createdAt }) => createdAt.getTime()))
      await events.announceEnds(new Date(Math.max(created, now.getTime() - maxDelay)), now)
    }
    const wanted = webhooks.flatMap(({ types }) => types).filter(type => type.startsWith('reward.'))
    if (wanted.length > 0) await checkStocks(now, [...new Set(wanted)])
  }
}
