import { Failed, isolateAsync } from '../batch.ts'
import { countsGrants, grantedActivity } from '../domain/condition.ts'
import type { Evidence } from '../domain/evidence.ts'
import { periodAt } from '../domain/period.ts'
import type { CountableActivity } from '../domain/tally.ts'
import type { ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'
import type { EvidenceQuery } from './evidence-query.ts'
import type { EvidenceReader } from './evidence.ts'

/** The stores from which the grants of users are read. */
export interface GrantSources {
  readonly claims: Pick<ClaimStore, 'standingGrants'>
  readonly events: Pick<EventStore, 'groupsOf'>
}

type Activities = readonly CountableActivity[]

/**
 * Adds the activity `event.granted` to the evidence of conditions that count it: the user's grants that are not
 * revoked, with the current groups of their events. They are read for each query and never stored in a snapshot,
 * because a grant can be revoked. Other conditions need no additional read.
 */
export function withGrants (reader: EvidenceReader, { claims, events }: GrantSources): EvidenceReader {
  /** Returns the grants of each user of these queries. */
  async function read (queries: readonly EvidenceQuery[]): Promise<ReadonlyMap<string, Activities>> {
    const userIds = [...new Set(queries.map(({ userId }) => userId))]
    const periods = queries.map(({ event, within }) => periodAt(event, within))
    const from = new Date(Math.min(...periods.map(({ from }) => from.getTime())))
    const to = new Date(Math.max(...periods.map(({ to }) => to.getTime())))
    const grants = await claims.standingGrants(userIds, from, to)
    const groups = await events.groupsOf([...new Set(grants.map(({ eventId }) => eventId))])

    const found = new Map<string, CountableActivity[]>(userIds.map(userId => [userId, []]))
    for (const { userId, eventId, period, grantedAt } of grants) {
      const group = groups.get(eventId)
      const data = { eventId, period, ...(group === undefined ? {} : { group }) }
      found.get(userId)?.push({ type: grantedActivity, occurredAt: grantedAt, data })
    }
    return found
  }

  async function addTo (query: EvidenceQuery, evidence: Evidence): Promise<Evidence> {
    return countsGrantsOf(query) ? append(evidence, (await read([query])).get(query.userId)) : evidence
  }

  return {
    async readMany (queries, prefetched) {
      const counting = queries.filter(countsGrantsOf)
      if (counting.length === 0) return await reader.readMany(queries, prefetched)
      const [outcomes, grants] = await Promise.all([
        reader.readMany(queries, prefetched), isolateAsync(async () => await read(counting))
      ])
      return new Map([...outcomes].map(([query, outcome]) => {
        if (outcome.type !== 'evidence' || !countsGrantsOf(query)) return [query, outcome]
        if (grants instanceof Failed) return [query, grants]
        return [query, { type: 'evidence', evidence: append(outcome.evidence, grants.get(query.userId)) }]
      }))
    },
    readOf: reader.readOf,
    readLong: async query => await addTo(query, await reader.readLong(query)),
    readAll: async query => await addTo(query, await reader.readAll(query))
  }
}

function countsGrantsOf ({ event: { condition } }: EvidenceQuery): boolean {
  return condition !== null && countsGrants(condition)
}

function append (evidence: Evidence, grants: Activities = []): Evidence {
  return { ...evidence, activities: [...evidence.activities, ...grants] }
}
