import type { GrantResult } from '@laurel/shared/contracts'
import type { ChaosEvent } from './events.ts'
import type { LoadContext, Operation } from './load.ts'
import type { Random } from '../kit/run/random.ts'

const operator = 'operator'

/** An operator grants an earlier period of an event, whose stock is per period, to a list of users. */
export function grantEarlierPeriod (context: LoadContext): Operation {
  const events = context.events.filter(({ earlierPeriod }) => earlierPeriod !== undefined)
  return async random => {
    const userIds = Array.from({ length: random.between(1, 12) }, () => `user-${random.below(context.users)}`)
    await grantByHand(context, random.pick(events), [...new Set(userIds)], random)
  }
}

/** Grants the earlier period to these users and records the results. Returns no results if the client gave up. */
export async function grantByHand (
  { client, acknowledged, newKey }: LoadContext, { id, earlierPeriod: period }: ChaosEvent,
  userIds: readonly string[], random: Random
): Promise<readonly GrantResult[]> {
  const key = newKey()
  const path = `/v1/events/${id}/grants`
  const grants = userIds.map(userId => ({ userId, period }))
  const response = await client({
    method: 'POST',
    path,
    role: 'OPERATOR',
    sub: operator,
    body: { grants, condition: 'CHECK', reason: 'An earlier day' },
    key,
    expected: [200]
  }, random)
  const results: readonly GrantResult[] = response?.status === 200 ? response.body.results : []
  for (const result of results) {
    if (!result.ok || result.claim === undefined) continue
    // A claim stores the key together with the operator, and each period of a list has its own key.
    const grantKey = `${operator} ${path} ${key} ${period}`
    acknowledged.claims.push({ claim: result.claim, key: grantKey, replayed: response?.replayed ?? false })
  }
  return results
}
