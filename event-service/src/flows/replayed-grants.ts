import { Failed, zip } from '../batch.ts'
import type { Claim } from '../domain/claim.ts'
import type { RewardEvent } from '../domain/event.ts'
import { periodAt } from '../domain/period.ts'
import { earlierKeys, type ClaimRequest } from '../engine/claim-group.ts'
import { claimId, type ClaimKey, type ClaimStore } from '../stores/claims.ts'

/**
 * Returns the claims that earlier requests with the same `Idempotency-Key` granted, without deciding anything.
 * @returns one claim per request, in their order; `undefined` if there is none, or if the request has no key.
 */
export async function findReplays (
  claims: Pick<ClaimStore, 'findMany'>, event: RewardEvent, requests: readonly ClaimRequest[]
): Promise<Array<Claim | undefined>> {
  const at = new Date()
  const candidates = requests.map(request => request.idempotencyKey === undefined ? [] : keysOf(event, request, at))
  const found = await claims.findMany(candidates.flat())
  return zip(requests, candidates).map(([{ idempotencyKey }, keys]) => keys
    .flatMap(key => found.get(claimId(key)) ?? [])
    .flatMap(claim => claim instanceof Failed ? [] : [claim])
    .find(({ grantKey }) => grantKey === idempotencyKey))
}

/** Returns the keys of the claims that a request may have created in the last 24 hours. */
function keysOf (event: RewardEvent, { userId, manualGrant }: ClaimRequest, at: Date): ClaimKey[] {
  const key = { eventId: event.id, userId, period: manualGrant?.period ?? periodAt(event, at).name }
  return [key, ...earlierKeys({ event, at, key })]
}
