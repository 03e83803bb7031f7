import type { LedgerEntry, Wallet } from '@laurel/shared/contracts'
import { isDeepStrictEqual } from 'node:util'
import type { Client } from '../client.ts'
import type { Random } from '../random.ts'
import { groupBy, type ClaimRow, type State } from '../state.ts'
import type { CrashEvent } from '../world.ts'

const sampled = 40

export interface ShownOptions {
  readonly client: Client
  readonly events: readonly CrashEvent[]
  readonly state: State
  readonly random: Random
}

/** What users are shown is what the rows add up to: wallet, ledger, progress; and a sold out event looks sold out. */
export async function checkShown ({ client, events, state, random }: ShownOptions): Promise<string[]> {
  const claims = groupBy(state.claims, ({ userId }) => userId)
  const activities = groupBy(state.activities, ({ userId }) => userId)
  const pick = (names: readonly string[]): string[] => names.length === 0 ? [] : Array.from({ length: sampled }, () => random.pick(names))
  const get = async (path: string, sub: string): Promise<any> => (await client({ method: 'GET', path, role: 'USER', sub, expected: [200] }, random))?.body ?? {}

  async function ledgerOf (userId: string): Promise<LedgerEntry[]> {
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
    const ledger = sumOf(await ledgerOf(userId))
    const { points, currencies = [], items = [] }: Partial<Wallet> = await get('/v1/users/me/wallet', userId)
    const wallet = { points, gold: currencies[0]?.amount ?? 0, items: items[0]?.quantity ?? 0 }
    return [['ledger', ledger], ['wallet', wallet]].flatMap(([what, found]) =>
      isDeepStrictEqual(found, expected) ? [] : [`the ${what as string} of ${userId} is ${JSON.stringify(found)}, but the claims make ${JSON.stringify(expected)}`])
  }

  async function progressFaults (userId: string): Promise<string[]> {
    const found = await Promise.all(events.map(async ({ id, name, condition }) => {
      if (condition === null || !('aggregation' in condition)) return []
      const { progress, period } = await get(`/v1/events/${id}/progress`, userId)
      const own = (activities.get(userId) ?? []).filter(({ type, occurredAt }) => type === condition.activity && (period === 'EVENT' || occurredAt.toISOString().startsWith(period)))
      const expected = own.reduce((sum, { value = 0 }) => sum + (condition.aggregation === 'sum' ? value : 1), 0)
      return progress?.current === expected ? [] : [`${userId} has come to ${progress?.current} in '${name}', but the activities make ${expected}`]
    }))
    return found.flat()
  }

  const soldOut = events.filter(({ isLimited, condition }) => isLimited && condition === null).map(async ({ id, name }) => {
    const { eligible, code } = await get(`/v1/events/${id}/progress`, 'late-user')
    return eligible === false && code === 'OUT_OF_STOCK' ? [] : [`'${name}' (${id}) is sold out, but progress says eligible ${eligible}, code ${code}`]
  })
  return (await Promise.all([...pick([...claims.keys()]).map(walletFaults), ...pick([...activities.keys()]).map(progressFaults), ...soldOut])).flat()
}

type Paid = Pick<LedgerEntry, 'type' | 'amount'>

function grantsOf (claims: readonly ClaimRow[]): readonly Paid[] {
  return claims.filter(({ status }) => status === 'GRANTED').flatMap(({ rewards }) => rewards)
}

function sumOf (paid: readonly Paid[]): object {
  const total = (wanted: string): number => paid.filter(({ type }) => type === wanted).reduce((sum, { amount }) => sum + amount, 0)
  return { points: total('POINT'), gold: total('CURRENCY'), items: total('ITEM') }
}
