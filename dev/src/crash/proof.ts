import { checkAll } from './checks/index.ts'
import type { Acknowledged } from './acknowledged.ts'
import type { ClaimRow, State } from './state.ts'

/** Ways in which a state can be wrong: a check that sees none of them would be worth nothing. */
const damages: Readonly<Record<string, (state: State, acknowledged: Acknowledged) => void>> = {
  'an acknowledged claim is gone': (state, { claims: [first] }) => { state.claims = state.claims.filter(({ _id }) => _id !== first?.claim.id) },
  'a claim has other rewards': ({ claims }, { claims: [first] }) => { reward(claims.find(({ _id }) => _id === first?.claim.id)).amount += 1 },
  'a grant went back to a refusal': ({ claims }) => { one(claims, ({ status }) => status === 'GRANTED').status = 'FAILED' },
  'a step of a history is lost': ({ claims }) => { one(claims, ({ history }) => history.length > 1).history.splice(0, 1) },
  'a unit is held twice': ({ claims }) => {
    const first = one(claims, ({ slot }) => slot !== undefined)
    const second = one(claims, ({ eventId, slot }) => eventId === first.eventId && slot !== undefined && slot !== first.slot)
    second.slot = first.slot as number
  },
  'a unit is sold to nobody': ({ claims }) => { delete one(claims, ({ slot }) => slot !== undefined).slot },
  'a unit beyond the stock is sold': ({ claims }) => { one(claims, ({ slot }) => slot !== undefined).slot = 1_000_000 },
  'a rejected claim gives back for ever': ({ claims }) => { one(claims, ({ status }) => status === 'REJECTED').releasing = 0 },
  'a decision is without audit': state => { state.audits = state.audits.filter(({ action }) => action !== 'rejectClaim') },
  'a code is gone': ({ codes }) => { codes.shift() },
  'a number is missing': ({ codes }) => { one(codes, ({ number }) => number === 0).number = 1_000_000 },
  'a code is given to two': ({ claims }) => {
    const [first, second] = claims.flatMap(({ rewards }) => rewards.filter(({ couponCode }) => couponCode !== undefined))
    if (first?.couponCode !== undefined && second !== undefined) second.couponCode = first.couponCode
  },
  'the stock is lower than was told': ({ events }) => { one(events.flatMap(({ rewards }) => rewards), ({ stock }) => (stock ?? 0) > 0).stock = 1 },
  'an activity is gone': ({ activities }) => { activities.shift() },
  'an activity came from nowhere': ({ activities }) => { activities.push({ _id: 'a:b:c', userId: 'a', type: 'quest.cleared', occurredAt: new Date() }) }
}

/** Damages copies of a sound state in every way. @returns the number of ways, and those that no check has seen. */
export function proveChecks (state: State, acknowledged: Acknowledged): { ways: number, unseen: string[] } {
  const ways = Object.entries(damages)
  const unseen = ways.filter(([, damage]) => {
    const copy = structuredClone(state)
    damage(copy, acknowledged)
    return checkAll(copy, acknowledged).length === 0
  })
  return { ways: ways.length, unseen: unseen.map(([name]) => name) }
}

function one<T> (rows: readonly T[], isWanted: (row: T) => boolean): T {
  const found = rows.find(isWanted)
  if (found === undefined) throw new Error('The load made nothing that could be damaged in this way')
  return found
}

function reward (claim: ClaimRow | undefined): ClaimRow['rewards'][number] {
  return one(claim?.rewards ?? [], () => true)
}
