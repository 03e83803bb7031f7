import type { Claim, GrantedReward } from '@laurel/shared/contracts'
import { isDeepStrictEqual } from 'node:util'
import { groupBy, type Check, type ClaimRow } from '../state.ts'

/** Acknowledged claims are there with the same content, and no claim was granted twice. */
export const checkClaims: Check = ({ claims }, { claims: answers, standing }) => {
  const rows = new Map(claims.map(row => [row._id, row]))
  const lost = [...answers.map(({ claim }) => claim), ...standing].flatMap(claim => {
    const row = rows.get(claim.id)
    if (row === undefined) return [`claim ${claim.id} was acknowledged as ${claim.status} and is not there`]
    return differences(claim, row).map(what => `claim ${claim.id}: ${what}`)
  })
  const keys = answers.flatMap(({ claim, key, replayed }) => {
    const stored = rows.get(claim.id)?.grantKey
    return stored === key ? [] : [`claim ${claim.id} was answered 201${replayed ? ' again' : ''} to key ${key}, but ${stored} had it`]
  })
  const twice = [...groupBy(answers.filter(({ replayed }) => !replayed), ({ claim }) => claim.id)]
    .filter(([, { length }]) => length > 1)
    .map(([id, { length }]) => `claim ${id} was answered 201 as new ${length} times`)
  const doubled = [...groupBy(claims, ({ eventId, userId, period }) => `${eventId} ${userId} ${period}`)]
    .filter(([, { length }]) => length > 1)
    .map(([name, { length }]) => `${name} has ${length} claims`)
  return [...lost, ...keys, ...twice, ...doubled]
}

/** How a claim that somebody was shown differs from the stored one, but for a decision that came later. */
export function differences (shown: Claim, row: ClaimRow): string[] {
  const found: string[] = []
  const same = (what: string, a: unknown, b: unknown): void => {
    if (!isDeepStrictEqual(a, b)) found.push(`${what} was shown as ${JSON.stringify(a)} and is ${JSON.stringify(b)}`)
  }
  const isDecidedLater = shown.status === 'PENDING' && (row.status === 'GRANTED' || row.status === 'REJECTED')
  if (!isDecidedLater) same('status', shown.status, row.status)
  same('event, user and period', [shown.eventId, shown.userId, shown.period], [row.eventId, row.userId, row.period])
  same('createdAt', shown.createdAt, row.createdAt.toISOString())
  same('attempts', shown.attempts, row.attempts)
  // A code is shown once it is granted.
  const areCodesShown = shown.status === 'GRANTED'
  same('rewards', shown.rewards, areCodesShown ? row.rewards : row.rewards.map(withoutCode))
  same('history', shown.history.map(({ at, from, to, requestId }) => [at, from, to, requestId]),
    row.history.slice(0, shown.history.length).map(({ at, from, to, requestId }) => [at.toISOString(), from, to, requestId]))
  return found
}

function withoutCode ({ couponCode, ...reward }: GrantedReward): GrantedReward {
  return reward
}
