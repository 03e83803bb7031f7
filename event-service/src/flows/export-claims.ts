import { setImmediate as nextTurn } from 'node:timers/promises'
import { Failed } from '../batch.ts'
import { claimLines, csvHeader, type ExportedEvent } from '../domain/claim-csv.ts'
import type { ClaimFilter, ClaimStore } from '../stores/claims.ts'
import type { EventStore } from '../stores/events.ts'

export interface ExportClaimsOptions {
  readonly claims: Pick<ClaimStore, 'scan'>
  readonly events: Pick<EventStore, 'findMany'>
}

/**
 * Yields the claims of a filter as CSV. Keeps only one page of claims and the names of their events in memory.
 * @param showsCodes whether the reader may see coupon codes.
 */
export type ExportClaims = (filter: ClaimFilter, showsCodes: boolean) => AsyncGenerator<string, void>

/**
 * How many claims are serialized before the event loop continues. `bench:desk` measures the effect on other requests.
 */
const claimsPerTurn = 20

export function createExportClaims ({ claims, events }: ExportClaimsOptions): ExportClaims {
  return async function * (filter, showsCodes) {
    const known = new Map<string, ExportedEvent | undefined>()

    async function loadEvents (ids: ReadonlySet<string>): Promise<void> {
      const unknown = [...ids].filter(id => !known.has(id))
      if (unknown.length === 0) return
      const found = await events.findMany(unknown)
      for (const id of unknown) {
        const event = found.get(id)
        known.set(id, event instanceof Failed ? undefined : event)
      }
    }

    yield csvHeader
    for await (const page of claims.scan(filter)) {
      await loadEvents(new Set(page.map(({ eventId }) => eventId)))
      for (let start = 0; start < page.length; start += claimsPerTurn) {
        const part = page.slice(start, start + claimsPerTurn)
        yield part.map(claim => claimLines(claim, known.get(claim.eventId), showsCodes)).join('')
        await nextTurn()
      }
    }
  }
}
