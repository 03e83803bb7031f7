import type { BatchTracer } from '@laurel/shared/tracing'
import { Failed, isolate } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import { decideClaim, type Decision } from '../domain/decision.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { BatchRead } from '../stores/batch-read.ts'
import { claimId, type ClaimKey } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'
import type { Settings } from '../stores/settings.ts'
import { toEvidenceQuery, type DecisionRequest } from './decision-request.ts'
import { snapshotKey, type EvidenceQuery } from './evidence-query.ts'
import type { EvidenceOutcome, EvidenceReader } from './evidence.ts'
import { createPrefetchPlanner, type NeedsClaim } from './prefetch.ts'
import { createGroupCommit, Deferred } from './group-commit.ts'

export interface Decided {
  readonly type: 'decided'
  readonly event: RewardEvent
  readonly decision: Decision
  /** The settings that were read together with the event. */
  readonly settings: Settings
  /** The claim, if it was read together with the event; `null` if there is none. */
  readonly claim?: Claim | Failed | null
}

/**
 * The decision about a request, or that the request is deferred until the user's long history is read, or a failure.
 */
export type Assessment<I> = Decided | Deferred<I> | Failed

export interface AssessOptions<I> {
  /** Throws if the settings, which are read with the events, do not allow a decision. Then all requests fail. */
  readonly check?: (settings: Settings) => void
  /** Whether the caller will need the claim of a request, too. */
  readonly needsClaim?: NeedsClaim<I>
}

export interface Assessor {
  /**
   * Decides all requests of a batch at one instant. It reads the events and the evidence together, from the primary,
   * after all requests have arrived. A request that cannot be decided fails without affecting the others. If its event
   * does not exist, it fails with 404.
   * @returns one assessment per request, in their order.
   */
  assess: <I extends DecisionRequest>(
    requests: readonly I[], now: Date, options?: AssessOptions<I>
  ) => Promise<ReadonlyArray<Assessment<I>>>
}

/** How many long histories are read concurrently. */
const parallelLongReads = 4

export function createAssessor (events: EventStore, reader: EvidenceReader, tracer?: BatchTracer): Assessor {
  const readLong = createGroupCommit<EvidenceQuery, Evidence>(
    async queries => await Promise.all(queries.map(reader.readLong)),
    { maxWeight: 1, parallel: parallelLongReads, tracer }
  )

  const planner = createPrefetchPlanner(reader)

  function assessOne<I extends DecisionRequest> (
    request: I, query: EvidenceQuery, outcome: EvidenceOutcome, settings: Settings, now: Date
  ): Assessment<I> {
    const { event, within } = query
    switch (outcome.type) {
      case 'failed': return outcome
      case 'evidence': {
        const terms = { within, waive: request.manualGrant?.waive ?? false }
        return { type: 'decided', event, decision: decideClaim(event, outcome.evidence, now, terms), settings }
      }
      case 'long': {
        const key = snapshotKey(query)
        return new Deferred(async () => ({ ...request, history: { key, evidence: await readLong(query) } }))
      }
    }
  }

  return {
    async assess (requests, now, { check = () => undefined, needsClaim = () => false } = {}) {
      const prefetch = planner.plan(requests, now, needsClaim)
      const eventIds = [...new Set(requests.map(({ eventId }) => eventId))]
      const { events: found, settings, activities, claim } = await events.readBatch(eventIds, prefetch)
      check(settings)
      planner.remember(found.values())
      const queried = requests.map(request => {
        const event = found.get(request.eventId)
        return { request, query: event instanceof Failed ? event : isolate(() => toEvidenceQuery(request, event, now)) }
      })
      const missing = queried.flatMap(({ request, query }) =>
        query instanceof Failed || request.history !== undefined ? [] : [query])
      const prefetched = prefetch.activities && { read: prefetch.activities, found: activities }
      const read = await reader.readMany(missing, prefetched)
      return queried.map(({ request, query }) => query instanceof Failed
        ? query
        : isolate(() => {
          const outcome = read.get(query) ?? historyOf(request, query)
          const assessment = assessOne(request, query, outcome, settings, now)
          return withClaim(assessment, request, prefetch.claim, claim)
        }))
    }
  }
}

/** Adds the claim that was read with the event, if it belongs to the decided period. */
function withClaim<I extends DecisionRequest> (
  assessment: Assessment<I>, { userId }: I, key: ClaimKey | undefined, claim: BatchRead['claim']
): Assessment<I> {
  if (key === undefined || assessment.type !== 'decided') return assessment
  const { event, decision: { period } } = assessment
  return claimId({ eventId: event.id, userId, period }) === claimId(key) ? { ...assessment, claim } : assessment
}

/** Returns the history that came with a request, or `long` if it was read for another period or condition. */
function historyOf ({ history }: DecisionRequest, query: EvidenceQuery): EvidenceOutcome {
  const isCurrent = history !== undefined && history.key === snapshotKey(query)
  return isCurrent ? { type: 'evidence', evidence: history.evidence } : { type: 'long' }
}
