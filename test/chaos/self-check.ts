import type { Acknowledged } from './acknowledged.ts'
import { checkAll } from './checks/index.ts'
import type { ClaimRow, State } from './state.ts'

type Damage = (state: State, acknowledged: Acknowledged) => void

/** Kinds of damage that the checks must detect. Otherwise, a run without violations would prove nothing. */
const damages: Readonly<Record<string, Damage>> = {
  'an acknowledged claim is missing': (state, { claims: [first] }) => {
    state.claims = state.claims.filter(({ _id }) => _id !== first?.claim.id)
  },
  'a claim has other rewards': ({ claims }, { claims: [first] }) => {
    firstReward(claims.find(({ _id }) => _id === first?.claim.id)).amount += 1
  },
  'a granted claim became a failed one': ({ claims }) => {
    find(claims, ({ status }) => status === 'GRANTED').status = 'FAILED'
  },
  'a history lacks a step': ({ claims }) => { find(claims, ({ history }) => history.length > 1).history.splice(0, 1) },
  'two claims hold one slot': ({ claims }) => {
    const first = find(claims, ({ slot }) => slot !== undefined)
    const second = find(claims, ({ eventId, slot }) =>
      eventId === first.eventId && slot !== undefined && slot !== first.slot)
    second.slot = first.slot as number
  },
  'two claims hold one slot of a period': ({ claims }) => {
    const first = find(claims, ({ periodSlot }) => periodSlot !== undefined)
    const second = find(claims, ({ eventId, period, periodSlot }) =>
      eventId === first.eventId && period === first.period && periodSlot !== undefined &&
      periodSlot !== first.periodSlot)
    second.periodSlot = first.periodSlot as number
  },
  'a slot of a sold out period is free': ({ claims }) => {
    const first = find(claims, ({ periodSlot }) => periodSlot === 0)
    claims.splice(claims.indexOf(first), 1)
  },
  'a claim holds a slot beyond the stock of a period': ({ claims }) => {
    find(claims, ({ periodSlot }) => periodSlot !== undefined).periodSlot = 1_000_000
  },
  'no claim holds a sold slot': ({ claims }) => { delete find(claims, ({ slot }) => slot !== undefined).slot },
  'a claim holds a slot beyond the stock': ({ claims }) => {
    find(claims, ({ slot }) => slot !== undefined).slot = 1_000_000
  },
  'a rejected claim never finishes to release its slot': ({ claims }) => {
    find(claims, ({ status }) => status === 'REJECTED').releasing = 0
  },
  'a decision has no audit entry': state => {
    state.audits = state.audits.filter(({ action }) => action !== 'rejectClaim')
  },
  'a code is missing': ({ codes }) => { codes.shift() },
  'the numbers of a pool have a gap': ({ codes }) => { find(codes, ({ number }) => number === 0).number = 1_000_000 },
  'two claims have one code': ({ claims }) => {
    const granted = claims.flatMap(({ rewards }) => rewards).filter(({ couponCode }) => couponCode !== undefined)
    const [first, second] = granted
    if (first?.couponCode !== undefined && second !== undefined) second.couponCode = first.couponCode
  },
  'the stock is lower than acknowledged': ({ events }) => {
    find(events.flatMap(({ rewards }) => rewards), ({ stock }) => (stock ?? 0) > 0).stock = 1
  },
  'a rollup lacks a grant': ({ rollups }) => { find(rollups.flatMap(({ days }) => days), () => true).granted -= 1 },
  'an activity is missing': ({ activities }) => { activities.shift() },
  'an activity was never sent': ({ activities }) => {
    activities.push({ _id: 'a:b:c', userId: 'a', type: 'quest.cleared', occurredAt: new Date() })
  }
}

/** Applies each kind of damage to a copy of a valid state. Returns the number of kinds, and which were not detected. */
export function checkTheChecks (state: State, acknowledged: Acknowledged): { damages: number, undetected: string[] } {
  const all = Object.entries(damages)
  const undetected = all.filter(([, damage]) => {
    const copy = structuredClone(state)
    damage(copy, acknowledged)
    return checkAll(copy, acknowledged).length === 0
  })
  return { damages: all.length, undetected: undetected.map(([name]) => name) }
}

function find<T> (rows: readonly T[], isWanted: (row: T) => boolean): T {
  const found = rows.find(isWanted)
  if (found === undefined) throw new Error('The load created no data that could be damaged in this way.')
  return found
}

function firstReward (claim: ClaimRow | undefined): ClaimRow['rewards'][number] {
  return find(claim?.rewards ?? [], () => true)
}
