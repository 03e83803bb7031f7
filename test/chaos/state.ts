import type { ClaimStatus, GrantedReward } from '@laurel/shared/contracts'
import type { Db, Document } from 'mongodb'
import { settingsId } from '../../event-service/src/stores/settings.ts'
import type { Acknowledged } from './acknowledged.ts'

/** The properties of stored rows that the checks need. */
export interface RewardRow { rewardId: string, type: string, stock?: number | null }
export interface EventRow { _id: string, name: string, timeZone: string, stockPer?: string, rewards: RewardRow[] }
export interface HistoryRow { at: Date, by: string, from: ClaimStatus | null, to: ClaimStatus, requestId: string }
export interface ClaimRow {
  _id: string
  eventId: string
  userId: string
  period: string
  status: ClaimStatus
  rewards: GrantedReward[]
  attempts: number
  history: HistoryRow[]
  slot?: number
  /** Instead of `slot` if the stock of its event is per period. */
  periodSlot?: number
  releasing?: number
  grantKey?: string
  createdAt: Date
  grantedAt?: Date
}
export interface CodeRow { _id: string, eventId: string, rewardId: string, code: string, number?: number }
export interface PoolRow { _id: string, rewardId: string, numbered: number }
export interface ActivityRow { _id: string, userId: string, type: string, occurredAt: Date, value?: number }
export interface AuditRow { action: string, targetId: string }
export interface RollupRow { _id: string, before: Date, days: DayRow[] }
export interface DayRow { date: string, granted: number }

/** The content of the database once the servers are idle. */
export interface State {
  events: EventRow[]
  claims: ClaimRow[]
  codes: CodeRow[]
  pools: PoolRow[]
  activities: ActivityRow[]
  audits: AuditRow[]
  rollups: RollupRow[]
}

/** Compares the database with the acknowledgments. Returns the violations as sentences. */
export type Check = (state: State, acknowledged: Acknowledged) => string[]

export async function readState (db: Db): Promise<State> {
  const all = async <T extends Document>(name: string, filter: Document = {}): Promise<T[]> =>
    await db.collection(name).find(filter).toArray() as unknown as T[]
  return {
    events: await all('events', { _id: { $ne: settingsId } }),
    claims: await all('claims'),
    codes: await all('couponCodes'),
    pools: await all('couponPools'),
    activities: await all('activities'),
    audits: await all('audits'),
    rollups: await all('grantRollups')
  }
}

/** Returns the entries by key, in their order. */
export function groupBy<T> (list: readonly T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const entry of list) {
    const group = groups.get(keyOf(entry)) ?? []
    groups.set(keyOf(entry), group)
    group.push(entry)
  }
  return groups
}

export const isHolding = ({ status }: Pick<ClaimRow, 'status'>): boolean => status === 'GRANTED' || status === 'PENDING'
