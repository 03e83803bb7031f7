import type { CallerRole } from '@laurel/shared/contracts'
import { decideClaim, type Decision } from '../domain/claim.ts'
import { eventNotFound, type RewardEvent } from '../domain/event.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { EventStore } from '../stores/events.ts'
import { snapshotKey, type EvidenceReader } from './evidence.ts'
import { createGroupCommit, type Pending } from './group-commit.ts'

/** A user asks for the reward of an event, or how far it is away. */
export interface Asking {
  readonly eventId: string
  readonly userId: string
  readonly role: CallerRole
  /** A long history that was read apart, and what it was read for. */
  readonly known?: { readonly key: string, readonly evidence: Evidence }
}

export interface Assessment<T> {
  readonly pending: T
  readonly event: RewardEvent
  readonly decision: Decision
}

/** Requests of a batch whose history is read apart, so that the others do not wait for it. */
const readersApart = 4

export interface Assessor {
  /**
   * Decides for a whole batch on one clock: its events and the users' doings are read together, after all of it was sent.
   * Whoever asks for what is not there is told so here, and whoever has a long history is asked `again` with it.
   */
  assess: <I extends Asking, O>(batch: ReadonlyArray<Pending<I, O>>, now: Date, again: (input: I) => Promise<O>) => Promise<Array<Assessment<Pending<I, O>>>>
}

export function createAssessor (events: EventStore, evidence: EvidenceReader): Assessor {
  const readApart = createGroupCommit<{ event: RewardEvent, userId: string, now: Date }, Evidence>(async ([one]) => {
    one?.resolve(await evidence.readLong(one.input))
  }, { maxWeight: 1, parallel: readersApart })

  return {
    async assess (batch, now, again) {
      const found = await events.findMany([...new Set(batch.map(({ input }) => input.eventId))])
      const asked = batch.flatMap(pending => {
        const { eventId, role, userId } = pending.input
        const event = found.get(eventId)
        // An event that was never ACTIVE does not exist for a USER; one that is inactive again does.
        if (event !== undefined && (role !== 'USER' || event.activatedAt !== null)) return [{ pending, event, userId, now }]
        pending.reject(eventNotFound())
        return []
      })
      const read = await evidence.readMany(asked.filter(({ pending }) => pending.input.known === undefined))
      let next = 0
      return asked.flatMap(question => {
        const { pending, event } = question
        const { known, ...input } = pending.input
        const own = known === undefined ? read[next++] : known.key === snapshotKey(question) ? known.evidence : undefined
        if (own !== undefined) return [{ pending, event, decision: decideClaim(event, own, now) }]
        readApart(question)
          .then(async evidence => await again({ ...input, known: { key: snapshotKey(question), evidence } } as typeof pending.input))
          .then(pending.resolve, pending.reject)
        return []
      })
    }
  }
}
