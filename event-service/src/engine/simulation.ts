import { DomainError } from '@laurel/shared/errors'
import { createKeyedMutex } from '@laurel/shared/keyed-mutex'
import { Failed } from '../batch.ts'
import { claimStatuses } from '../domain/claim-status.ts'
import { countsGrants } from '../domain/condition.ts'
import { evaluateClaim } from '../domain/decision.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { Evidence } from '../domain/evidence.ts'
import { belongsTo, periodAt } from '../domain/period.ts'
import type { ActivityStore } from '../stores/activities.ts'
import { claimId, type ClaimStore } from '../stores/claims.ts'
import type { EvidenceQuery } from './evidence-query.ts'
import type { EvidenceOutcome, EvidenceReader } from './evidence.ts'

/** How the claims of all users with data in this service would be decided at one instant. */
export interface Simulation {
  readonly asOf: Date
  /** How many users have an activity that the condition counts, or any activity if there is no condition. */
  readonly users: number
  /** How many of them have a final claim of the current period. */
  readonly alreadyClaimed: number
  /** The users whose claim would be granted if there were enough stock, in the order of their ids. */
  readonly eligible: readonly string[]
}

/** Simulates an event as if it were ACTIVE. It writes nothing. Throws 503 `TOO_MANY` if it takes too long. */
export type Simulate = (event: RewardEvent) => Promise<Simulation>

export interface SimulationOptions {
  readonly evidence: EvidenceReader
  readonly activities: Pick<ActivityStore, 'allUsers'>
  readonly claims: Pick<ClaimStore, 'usersWithGrants' | 'statusesOf'>
  /** In milliseconds. Shorter than the timeout of a handler. */
  readonly maxTime?: number
}

/** The result for the users of one chunk. */
type ChunkResult = Omit<Simulation, 'asOf'>

/** How many users are read together. It is small, so that other requests are not delayed. */
const chunkSize = 200
/** While one chunk is being read, another one is decided. */
const parallelChunks = 2

/**
 * Creates the simulation. A process runs one at a time, so it uses at most `parallelChunks` of the connections that
 * claims also need. Concurrent callers for the same event share one result.
 */
export function createSimulation (options: SimulationOptions): Simulate {
  const { evidence, activities, claims, maxTime = 8000 } = options
  const running = new Map<string, Promise<Simulation>>()
  const mutex = createKeyedMutex()

  /** Yields the ids of all users that may be relevant, each once. */
  async function * candidates ({ condition }: RewardEvent): AsyncGenerator<string[]> {
    if (condition === null || !countsGrants(condition)) {
      yield * activities.allUsers(chunkSize)
      return
    }
    const seen = new Set<string>()
    for (const source of [activities.allUsers(chunkSize), claims.usersWithGrants(chunkSize)]) {
      for await (const userIds of source) {
        yield userIds.filter(userId => !seen.has(userId))
        for (const userId of userIds) seen.add(userId)
      }
    }
  }

  async function decideChunk (event: RewardEvent, userIds: readonly string[], now: Date): Promise<ChunkResult> {
    const queries = userIds.map((userId): EvidenceQuery => ({ event, userId, within: now }))
    const found = await evidence.readMany(queries)
    const decided = []
    for (const query of queries) {
      const outcome = found.get(query) as EvidenceOutcome
      if (outcome instanceof Failed) throw outcome.error
      const known = outcome.type === 'long' ? await evidence.readLong(query) : outcome.evidence
      if (!hasCountedActivity(query, known)) continue
      decided.push({ userId: query.userId, decision: evaluateClaim(event, known, now) })
    }
    const keys = decided.map(({ userId, decision: { period } }) => ({ eventId: event.id, userId, period }))
    const statuses = await claims.statusesOf(keys)
    const isOpen = (userId: string, period: string): boolean => {
      const status = statuses.get(claimId({ eventId: event.id, userId, period }))
      return status === undefined || claimStatuses[status].finalCode === null
    }
    const open = decided.filter(({ userId, decision }) => isOpen(userId, decision.period))
    return {
      users: decided.length,
      alreadyClaimed: decided.length - open.length,
      eligible: open.flatMap(({ userId, decision }) => decision.refusal === undefined ? [userId] : [])
    }
  }

  async function simulate (event: RewardEvent, deadline: number): Promise<Simulation> {
    const asOf = new Date()
    const chunks = candidates(event)
    const results: ChunkResult[] = []

    async function runWorker (): Promise<void> {
      for (let chunk = await chunks.next(); chunk.done !== true; chunk = await chunks.next()) {
        if (performance.now() > deadline) throw tooMany()
        results.push(await decideChunk(event, chunk.value, asOf))
      }
    }
    try {
      await Promise.all(Array.from({ length: parallelChunks }, runWorker))
    } finally {
      await chunks.return(undefined)
    }
    const sum = (field: 'users' | 'alreadyClaimed'): number =>
      results.reduce((total, result) => total + result[field], 0)
    return {
      asOf,
      users: sum('users'),
      alreadyClaimed: sum('alreadyClaimed'),
      eligible: results.flatMap(({ eligible }) => eligible).sort()
    }
  }

  return async event => {
    const key = `${event.id} ${event.version}`
    const known = running.get(key)
    if (known !== undefined) return await known
    const deadline = performance.now() + maxTime
    const current = mutex('simulation', async () => {
      if (performance.now() > deadline) throw tooMany()
      return await simulate(event, deadline)
    })
    running.set(key, current)
    return await current.finally(() => { running.delete(key) })
  }
}

/** Whether a user has an activity that the event counts in its current period. */
function hasCountedActivity ({ event, within }: EvidenceQuery, { activities, snapshotOf }: Evidence): boolean {
  if (event.condition === null || snapshotOf !== undefined) return true
  const period = periodAt(event, within)
  return activities.some(({ occurredAt }) => occurredAt <= within && belongsTo(period, occurredAt, event))
}

function tooMany (): DomainError {
  const sentence = 'There are too many users or activities to simulate this event in time; retry after 30 seconds.'
  return new DomainError('unavailable', 'TOO_MANY', sentence, { retryAfter: 30 })
}
