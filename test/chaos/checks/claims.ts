import { isDeepStrictEqual } from 'node:util'
import type { Claim, GrantedReward } from '@laurel/shared/contracts'
import { groupBy, type Check, type ClaimRow } from '../state.ts'

/** Every acknowledged claim is stored with the same content, and no claim was granted twice. */
export const checkClaims: Check = ({ claims }, { claims: acknowledged, conflicting }) => {
  const rows = new Map(claims.map(row => [row._id, row]))
  const wrong = [...acknowledged.map(({ claim }) => claim), ...conflicting].flatMap(claim => {
    const row = rows.get(claim.id)
    if (row === undefined) return [`claim ${claim.id} was acknowledged as ${claim.status} and is missing`]
    return differences(claim, row).map(what => `claim ${claim.id}: ${what}`)
  })
  const keys = acknowledged.flatMap(({ claim, key, replayed }) => {
    const stored = rows.get(claim.id)?.grantKey
    const code = replayed ? 'a replayed 201' : '201'
    return stored === key ? [] : [`claim ${claim.id}: key ${key} got ${code}, but the claim has key ${stored}`]
  })
  const repeated = [...groupBy(acknowledged.filter(({ replayed }) => !replayed), ({ claim }) => claim.id)]
    .filter(([, { length }]) => length > 1)
    .map(([id, { length }]) => `claim ${id} got 201 as new ${length} times`)
  const doubled = [...groupBy(claims, ({ eventId, userId, period }) => `${eventId} ${userId} ${period}`)]
    .filter(([, { length }]) => length > 1)
    .map(([name, { length }]) => `${name} has ${length} claims`)
  return [...wrong, ...keys, ...repeated, ...doubled]
}

/** Returns how a claim in a response differs from the stored one. A later decision is not a difference. */
export function differences (shown: Claim, row: ClaimRow): string[] {
  const found: string[] = []
  const compare = (what: string, a: unknown, b: unknown): void => {
    if (!isDeepStrictEqual(a, b)) found.push(`${what} was ${JSON.stringify(a)} in a response, is ${JSON.stringify(b)}`)
  }
  const isDecidedLater = shown.status === 'PENDING' && (row.status === 'GRANTED' || row.status === 'REJECTED')
  if (!isDecidedLater) compare('status', shown.status, row.status)
  compare('event, user and period', [shown.eventId, shown.userId, shown.period], [row.eventId, row.userId, row.period])
  compare('createdAt', shown.createdAt, row.createdAt.toISOString())
  compare('attempts', shown.attempts, row.attempts)
  // A response contains the code only once the claim is granted.
  const areCodesShown = shown.status === 'GRANTED'
  compare('rewards', shown.rewards, areCodesShown ? row.rewards : row.rewards.map(withoutCode))
  const steps = row.history.slice(0, shown.history.length)
  compare('history',
    shown.history.map(({ at, from, to, requestId }) => [at, from, to, requestId]),
    steps.map(({ at, from, to, requestId }) => [at.toISOString(), from, to, requestId]))
  return found
}

function withoutCode ({ couponCode, ...reward }: GrantedReward): GrantedReward {
  return reward
}
