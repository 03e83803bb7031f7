import { periodAt } from '../domain/period.ts'
import type { Claim, Attempt, Decision } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { capacityOf } from '../domain/reward.ts'
import type { Attempts, Recorded } from '../stores/claims.ts'
import type { Asking } from './assess.ts'
import type { Pending } from './group-commit.ts'

export interface ClaimAsking extends Asking {
  readonly requestId: string
  readonly idempotencyKey?: string
  /** Set where it has waited before: until when (milliseconds since 1970) units may come back for it. */
  readonly givesUpAt?: number
}

export interface ClaimOutcome {
  readonly decision: Decision
  readonly claim: Claim
  /** Whether this request wrote it; where not, an earlier decision stands. */
  readonly won: boolean
}

export type Request = Pending<ClaimAsking, ClaimOutcome>

/** The requests of a batch for one claim: the first of them acts for all. */
export interface Group {
  readonly event: RewardEvent
  readonly requests: Request[]
  readonly at: Date
  decision: Decision
  /** The unit it holds, where something is limited. */
  slot?: number
  /** Numbers that it was given and that another claim holds: they are not on sale, whoever said so. */
  readonly taken: Set<number>
}

/** Milliseconds for which a key is remembered at least. */
const keyMemory = 24 * 60 * 60 * 1000

/** The periods of the last 24 hours but the one that is claimed; a day of a zone may have 23 hours. */
export function periodsBefore ({ event, at, decision: { period } }: Group): string[] {
  if (event.claimPeriod === 'EVENT') return []
  return [...new Set([keyMemory, keyMemory / 2].map(age => periodAt(event, new Date(at.getTime() - age)).name))].filter(name => name !== period)
}

/** @param patience milliseconds that a request waits at most for a unit. */
export function givesUpAt ({ requests, at }: Group, patience: number): number {
  return requests[0]?.input.givesUpAt ?? at.getTime() + patience
}

/** How many claims its event can grant, where the group is to be granted something limited. */
export function capacityFor ({ event, decision }: Group): number | undefined {
  return decision.refusal === undefined ? capacityOf(event) : undefined
}

export function keyOf ({ event, requests, decision: { period } }: Group) {
  return { eventId: event.id, userId: (requests[0] as Request).input.userId, period }
}

export function nameOf ({ eventId, userId, period }: Pick<Claim, 'eventId' | 'userId' | 'period'>): string {
  return `${eventId} ${userId} ${period}`
}

export function groupsOf (assessed: ReadonlyArray<{ pending: Request, event: RewardEvent, decision: Decision }>, at: Date): Group[] {
  const groups = new Map<string, Group>()
  for (const { pending, event, decision } of assessed) {
    const name = nameOf({ eventId: event.id, userId: pending.input.userId, period: decision.period })
    const group = groups.get(name)
    if (group === undefined) groups.set(name, { event, requests: [pending], at, decision, taken: new Set() })
    else group.requests.push(pending)
  }
  return [...groups.values()]
}

export function attemptsOf ({ event, requests, at, decision, slot }: Group): Attempts {
  const [first, ...more] = requests.map(({ input: { userId, role, requestId, idempotencyKey } }): Attempt => ({
    ...decision, eventId: event.id, userId, role, at, requestId, ...(idempotencyKey === undefined ? {} : { idempotencyKey }), ...(slot === undefined ? {} : { slot })
  }))
  return [first as Attempt, ...more]
}

/** Tells a group what became of it: of a grant only the first request wrote it. @returns false where its unit is another's. */
export function answer (group: Group, recorded: Recorded): boolean {
  if (recorded === null) return false
  const { claim, won } = recorded
  // What it took goes back.
  if (!won) delete group.slot
  group.requests.forEach(({ resolve }, index) => { resolve({ decision: group.decision, claim, won: won && (index === 0 || group.decision.refusal !== undefined) }) })
  return true
}
