import type { CallerRole } from '@laurel/shared/contracts'
import type { BatchTracer } from '@laurel/shared/tracing'
import { Failed, isolate } from '../batch.ts'
import { decideClaim, type Decision } from '../domain/decision.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import type { Evidence } from '../domain/evidence.ts'
import { periodNotFound, type HandGrant } from '../domain/grant.ts'
import { instantOf } from '../domain/period.ts'
import type { EventStore } from '../stores/events.ts'
import type { Settings } from '../stores/settings.ts'
import { snapshotKey, type Question } from './evidence-question.ts'
import type { EvidenceOutcome, EvidenceReader } from './evidence.ts'
import { createGroupCommit, Deferred } from './group-commit.ts'

/** A request that needs a decision: a claim request, or a request for a user's progress. */
export interface DecisionRequest {
  readonly eventId: string
  readonly userId: string
  readonly role: CallerRole
  /** Set if an operator grants the rewards manually. Then `role` is the operator's. */
  readonly byHand?: HandGrant
  /** The user's long history, if it was read separately, and the `snapshotKey` that it was read for. */
  readonly history?: { readonly key: string, readonly evidence: Evidence }
}

export interface Decided {
  readonly type: 'decided'
  readonly event: RewardEvent
  readonly decision: Decision
  /** The settings that were read together with the event. */
  readonly settings: Settings
}

/**
 * The decision about a request, or that the request is deferred until the user's long history is read, or a failure.
 */
export type Assessment<I> = Decided | Deferred<I> | Failed

export interface Assessor {
  /**
   * Decides all requests of a batch at one instant. It reads the events and the evidence together, from the primary,
   * after all requests have arrived. A request that cannot be decided fails without affecting the others. If its event
   * does not exist, it fails with 404.
   * @param check throws if the settings, which are read with the events, do not allow a decision. Then all requests
   * fail.
   * @returns one assessment per request, in their order.
   */
  assess: <I extends DecisionRequest>(
    requests: readonly I[], now: Date, check?: (settings: Settings) => void
  ) => Promise<ReadonlyArray<Assessment<I>>>
}

/** How many long histories are read concurrently. */
const parallelLongReads = 4

export function createAssessor (events: EventStore, reader: EvidenceReader, tracer?: BatchTracer): Assessor {
  const readLong = createGroupCommit<Question, Evidence>(
    async questions => await Promise.all(questions.map(reader.readLong)),
    { maxWeight: 1, parallel: parallelLongReads, tracer }
  )

  function assessOne<I extends DecisionRequest> (
    request: I, question: Question, outcome: EvidenceOutcome, settings: Settings, now: Date
  ): Assessment<I> {
    const { event, now: within } = question
    if (outcome instanceof Failed) return outcome
    if (outcome !== 'long') {
      const terms = { within, waive: request.byHand?.waive ?? false }
      return { type: 'decided', event, decision: decideClaim(event, outcome, now, terms), settings }
    }
    const key = snapshotKey(question)
    return new Deferred(async () => ({ ...request, history: { key, evidence: await readLong(question) } }))
  }

  return {
    async assess (requests, now, check = () => undefined) {
      const { events: found, settings } = await events.readBatch([...new Set(requests.map(({ eventId }) => eventId))])
      check(settings)
      const asked = requests.map(request => ({
        request, question: toQuestion(request, found.get(request.eventId), now)
      }))
      const unread = asked.flatMap(({ request, question }) =>
        question instanceof Failed || request.history !== undefined ? [] : [question])
      const read = await reader.readMany(unread)
      return asked.map(({ request, question }) => question instanceof Failed
        ? question
        : isolate(() => {
          const outcome = read.get(question) ?? historyOf(request, question)
          return assessOne(request, question, outcome, settings, now)
        }))
    }
  }
}

function toQuestion (
  { userId, role, byHand }: DecisionRequest, event: RewardEvent | Failed | undefined, now: Date
): Question | Failed {
  if (event instanceof Failed) return event
  if (event === undefined || !isVisibleTo(role, event)) return new Failed(eventNotFound())
  const period = byHand?.period
  if (period === undefined) return { event, userId, now }
  const within = instantOf(period, event, now)
  return within === undefined ? new Failed(periodNotFound()) : { event, userId, now: within }
}

/** A USER can see an event once it has been activated, even if it is inactive again. */
function isVisibleTo (role: CallerRole, { activatedAt }: RewardEvent): boolean {
  return role !== 'USER' || activatedAt !== null
}

/** Returns the history that came with a request, or `long` if it was read for another period or condition. */
function historyOf ({ history }: DecisionRequest, question: Question): Evidence | 'long' {
  return history !== undefined && history.key === snapshotKey(question) ? history.evidence : 'long'
}
