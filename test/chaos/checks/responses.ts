import { isDeepStrictEqual } from 'node:util'
import type { LedgerEntry, Wallet } from '@laurel/shared/contracts'
import type { Client } from '../client.ts'
import type { ChaosEvent } from '../events.ts'
import { earlierUser } from '../load-statistics.ts'
import type { Random } from '../../kit/run/random.ts'
import { groupBy, type ActivityRow, type ClaimRow, type State } from '../state.ts'

const sampleSize = 40
const isInLoad = (userId: string): boolean => !userId.startsWith(earlierUser)

export interface ResponseOptions {
  readonly client: Client
  readonly events: readonly ChaosEvent[]
  readonly state: State
  readonly random: Random
}

/** Wallets, ledgers and progress in responses match the stored rows, and sold-out events are reported as sold out. */
export async function checkResponses ({ client, events, state, random }: ResponseOptions): Promise<string[]> {
  const claims = groupBy(state.claims, ({ userId }) => userId)
  const activities = groupBy(state.activities, ({ userId }) => userId)

  function sample (names: readonly string[]): string[] {
    return names.length === 0 ? [] : Array.from({ length: sampleSize }, () => random.pick(names))
  }

  async function get (path: string, sub: string): Promise<any> {
    const response = await client({ method: 'GET', path, role: 'USER', sub, expected: [200] }, random)
    return response?.body ?? {}
  }

  async function readLedger (userId: string): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: any = await get(`/v1/users/me/ledger?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`, userId)
      entries.push(...page.data ?? [])
      cursor = page.nextCursor ?? null
    }
    return entries
  }

  async function walletFaults (userId: string): Promise<string[]> {
    const expected = sumOf(grantsOf(claims.get(userId) ?? []))
    const ledger = sumOf(await readLedger(userId))
    const { points, currencies = [], items = [] }: Partial<Wallet> = await get('/v1/users/me/wallet', userId)
    const wallet = { points, gold: currencies[0]?.amount ?? 0, items: items[0]?.quantity ?? 0 }
    return Object.entries({ ledger, wallet }).flatMap(([what, found]) => isDeepStrictEqual(found, expected)
      ? []
      : [`the ${what} of ${userId} is ${JSON.stringify(found)}, but the claims add up to ${JSON.stringify(expected)}`])
  }

  async function progressFaults (userId: string): Promise<string[]> {
    const found = await Promise.all(events.map(async ({ id, name, condition }) => {
      if (condition === null || !('aggregation' in condition)) return []
      const { progress, period } = await get(`/v1/events/${id}/progress`, userId)
      const isCounted = ({ type, occurredAt }: ActivityRow): boolean =>
        type === condition.activity && (period === 'EVENT' || occurredAt.toISOString().startsWith(period))
      const own = (activities.get(userId) ?? []).filter(isCounted)
      const expected = own.reduce((sum, { value = 0 }) => sum + (condition.aggregation === 'sum' ? value : 1), 0)
      const current = progress?.current
      return current === expected ? [] : [`progress of ${userId} in '${name}' is ${current}, expected ${expected}`]
    }))
    return found.flat()
  }

  async function soldOutFaults ({ id, name }: ChaosEvent): Promise<string[]> {
    const { eligible, code } = await get(`/v1/events/${id}/progress`, 'late-user')
    if (eligible === false && code === 'OUT_OF_STOCK') return []
    return [`'${name}' (${id}) is sold out, but progress says eligible ${eligible}, code ${code}`]
  }

  const soldOut = events.filter(({ isLimited, condition }) => isLimited && condition === null)
  const found = await Promise.all([
    ...sample([...claims.keys()].filter(isInLoad)).map(walletFaults),
    ...sample([...activities.keys()]).map(progressFaults),
    ...soldOut.map(soldOutFaults)
  ])
  return found.flat()
}

type Paid = Pick<LedgerEntry, 'type' | 'amount'>

function grantsOf (claims: readonly ClaimRow[]): readonly Paid[] {
  return claims.filter(({ status }) => status === 'GRANTED').flatMap(({ rewards }) => rewards)
}

function sumOf (paid: readonly Paid[]): object {
  const total = (wanted: string): number => paid
    .filter(({ type }) => type === wanted)
    .reduce((sum, { amount }) => sum + amount, 0)
  return { points: total('POINT'), gold: total('CURRENCY'), items: total('ITEM') }
}
