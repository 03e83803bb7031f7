import { Failed } from '../batch.ts'
import type { RewardEvent } from '../domain/event.ts'
import { periodAt } from '../domain/period.ts'
import type { Prefetch } from '../stores/batch-read.ts'
import { toEvidenceQuery, type DecisionRequest } from './decision-request.ts'
import type { EvidenceReader } from './evidence.ts'

export type NeedsClaim<I> = (event: RewardEvent, request: I) => boolean

export interface PrefetchPlanner {
  /**
   * Returns the data that a single request in a batch will need if its event has not changed since the last read. The
   * read of the event can then include this data. If the event has changed, the data is read separately, as for any
   * other batch.
   */
  plan: <I extends DecisionRequest>(requests: readonly I[], now: Date, needsClaim: NeedsClaim<I>) => Prefetch
  remember: (events: Iterable<RewardEvent | Failed>) => void
}

const maxRemembered = 1000

export function createPrefetchPlanner (reader: Pick<EvidenceReader, 'readOf'>): PrefetchPlanner {
  const lastRead = new Map<string, RewardEvent>()
  return {
    plan (requests, now, needsClaim) {
      const [request] = requests
      // In a larger batch, the requests share the cost of each command.
      if (request === undefined || requests.length > 1) return {}
      const event = lastRead.get(request.eventId)
      const query = toEvidenceQuery(request, event, now)
      if (event === undefined || query instanceof Failed) return {}
      const { eventId, userId, history } = request
      return {
        activities: history === undefined ? reader.readOf(query) : undefined,
        claim: needsClaim(event, request)
          ? { eventId, userId, period: periodAt(event, query.within).name }
          : undefined
      }
    },
    remember (events) {
      if (lastRead.size >= maxRemembered) lastRead.clear()
      for (const event of events) {
        if (!(event instanceof Failed)) lastRead.set(event.id, event)
      }
    }
  }
}
