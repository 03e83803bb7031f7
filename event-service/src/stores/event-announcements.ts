import { timeLimit } from '@laurel/shared/mongo'
import type { Collection, Filter } from 'mongodb'
import { isolate, type Failed } from '../batch.ts'
import type { RewardEvent } from '../domain/event.ts'
import { toEvent, type EventDocument } from './event-documents.ts'
import { pushEntry } from './outbox.ts'

/** Adds outbox entries for webhooks about changes of events that are not caused by a request. */
export interface EventAnnouncements {
  /** Adds outbox entries about ACTIVE events that ended in `(since, now]`, once per end. */
  announceEnds: (since: Date, now: Date) => Promise<void>
  /** Yields the ACTIVE events that could be claimed at any time in `[since, now]`. */
  claimableSince: (since: Date, now: Date) => AsyncIterable<RewardEvent | Failed>
}

/** The maximum number of entries per call. */
const maxEnds = 100

export function createEventAnnouncements (events: Collection<EventDocument>): EventAnnouncements {
  return {
    async announceEnds (since, now) {
      const isNew = { $expr: { $ne: ['$endNoted', '$endsAt'] } }
      const ended: Filter<EventDocument> = { status: 'ACTIVE', endsAt: { $gt: since, $lte: now }, ...isNew }
      const options = { projection: { endsAt: 1 }, limit: maxEnds, hint: 'active_by_end', ...timeLimit }
      for (const { _id, endsAt } of await events.find(ended, options).toArray()) {
        const filter: Filter<EventDocument> = { _id, status: 'ACTIVE', endsAt, ...isNew }
        const change = { $set: { endNoted: endsAt }, ...pushEntry({ type: 'event.ended', at: endsAt }) }
        await events.updateOne(filter, change, timeLimit)
      }
    },
    async * claimableSince (since, now) {
      const filter: Filter<EventDocument> = {
        status: 'ACTIVE',
        startsAt: { $lte: now },
        $or: [{ endsAt: { $gt: since } }, { claimUntil: { $gt: since } }]
      }
      for await (const document of events.find(filter, timeLimit)) yield isolate(() => toEvent(document))
    }
  }
}
