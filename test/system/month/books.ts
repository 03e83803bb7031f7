import { isDeepStrictEqual } from 'node:util'
import type { Claim } from '@laurel/shared/contracts'
import type { PlannedEvent } from '../../kit/month/events.ts'
import { periodAt as periodOfInstant, type CalendarRules } from './calendar.ts'
import { countsOf, evaluate, type Counted } from './conditions.ts'

/** A reward in a response of the platform. */
export interface RewardOfEvent {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly amount: number
  readonly currency?: string
  readonly itemId?: string
  readonly stock: number | null
}

/** A running event of the month. */
export interface RunningEvent extends Pick<PlannedEvent, 'key' | 'body' | 'wave' | 'share'> {
  readonly id: string
  readonly rewards: readonly RewardOfEvent[]
  /** The coupon codes that were added. */
  readonly codes: readonly string[]
  readonly rules: CalendarRules
  /** Whether it was deactivated. */
  stopped: boolean
}

/** The expected state of a claim. */
export interface Entry {
  readonly event: RunningEvent
  readonly userId: string
  readonly period: string
  status: 'GRANTED' | 'PENDING' | 'REJECTED' | 'FAILED' | 'REVOKED'
  code?: string | undefined
  attempts: number
  id?: string
  grantedAt?: Date | undefined
  revokedAt?: Date | undefined
}

/** A request: a claim or a manual grant. */
export interface Asked {
  readonly event: RunningEvent
  readonly userId: string
  readonly byHand?: { readonly waive: boolean, readonly period?: string }
}

/** What was answered, alone or as one of several results. */
export interface Answered {
  readonly ok: boolean
  readonly code?: string
  readonly progress?: Claim['progress']
  readonly claim?: Claim
}

/** Maintains the expected state, from the raw activities and the requests, and records differences in responses. */
export type Books = ReturnType<typeof createBooks>

const finalCodes = {
  GRANTED: 'ALREADY_CLAIMED', PENDING: 'ALREADY_CLAIMED', REJECTED: 'CLAIM_REJECTED', REVOKED: 'CLAIM_REVOKED'
}

export function createBooks (activities: ReadonlyMap<string, readonly Counted[]>, differences: string[]) {
  const entries = new Map<string, Entry>()
  const byUser = new Map<string, Entry[]>()
  /** Stocks that a response has reported as sold out since the last check. */
  const short = new Set<string>()

  function periodAt ({ rules, body }: RunningEvent, at: Date): string {
    const last = Date.parse(body.endsAt) - 1
    const instant = new Date(Math.max(Date.parse(body.startsAt), Math.min(at.getTime(), last)))
    return periodOfInstant(instant, rules)
  }

  /** The user's standing grants as activities. */
  function grantsOf (userId: string): Counted[] {
    return (byUser.get(userId) ?? []).flatMap(({ status, grantedAt, event, period }) =>
      status === 'GRANTED' && grantedAt !== undefined
        ? [{ type: 'event.granted', at: grantedAt, data: { eventId: event.id, group: event.body.group, period } }]
        : [])
  }

  function progressOf (event: RunningEvent, userId: string, period: string): ReturnType<typeof evaluate> | null {
    const { body: { startsAt, endsAt, condition }, rules } = event
    if (condition === null || condition === undefined) return null
    const counted = [...activities.get(userId) ?? [], ...grantsOf(userId)].filter(({ at }) =>
      at.getTime() >= Date.parse(startsAt) && at.getTime() < Date.parse(endsAt) &&
      periodOfInstant(at, rules) === period)
    return evaluate(condition, counted, rules)
  }

  function refusalOf (
    { event, byHand }: Asked, entry: Entry | undefined, isMet: boolean, at: Date
  ): string | undefined {
    const { startsAt, endsAt, claimUntil } = event.body
    if (entry !== undefined && entry.status !== 'FAILED') return finalCodes[entry.status]
    if (byHand?.waive === true) return undefined
    if (event.stopped) return 'EVENT_INACTIVE'
    if (at.getTime() < Date.parse(startsAt)) return 'EVENT_NOT_STARTED'
    if (at.getTime() >= Date.parse(claimUntil ?? endsAt)) return 'EVENT_ENDED'
    return isMet ? undefined : 'CONDITIONS_NOT_MET'
  }

  function differ (what: string, found: unknown, expected: unknown): void {
    const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
    if (one === other || isDeepStrictEqual(plain(one), plain(other))) return
    differences.push(`${what}: ${one}, but ${other} is right`)
  }

  return {
    entries,
    ofUser: (userId: string): readonly Entry[] => byUser.get(userId) ?? [],
    find: (event: RunningEvent, userId: string, period: string) => entries.get(`${event.id} ${userId} ${period}`),
    periodAt,
    progressOf,
    differ,

    /** Compares a response with the expected result, and updates the expected state. */
    note (asked: Asked, answer: Answered = { ok: false }, at = new Date()): void {
      const { event, userId, byHand } = asked
      const claim = answer.ok ? answer.claim : undefined
      const period = byHand?.period ?? periodAt(event, at)
      const name = `${event.id} ${userId} ${period}`
      const what = `${byHand === undefined ? 'claim' : 'grant'} of '${event.key}' ${period} for ${userId}`
      const before = entries.get(name)
      const progress = progressOf(event, userId, period)
      const refusal = refusalOf(asked, before, progress?.met !== false, at)
      const granted = event.body.grantMode === 'REVIEW' ? 'PENDING' : 'GRANTED'
      const isShort = answer.code === 'OUT_OF_STOCK' && refusal === undefined && capacityOf(event) < Infinity
      const expected = isShort ? 'OUT_OF_STOCK' : refusal ?? granted
      differ(what, claim?.status ?? answer.code, expected)
      if (isShort) short.add(stockOf(event, period))
      if (answer.code === 'CONDITIONS_NOT_MET' && byHand === undefined) {
        differ(`progress of the ${what}`, countsOf(answer.progress), progress?.counts)
      }
      if (claim !== undefined) {
        differ(`${what}: period`, claim.period, period)
        differ(`${what}: progress`, countsOf(claim.progress), progress?.counts ?? [])
        const entry: Entry = {
          event,
          userId,
          period,
          status: granted,
          attempts: (before?.attempts ?? 0) + 1,
          id: claim.id,
          grantedAt: granted === 'GRANTED' ? new Date(claim.grantedAt ?? NaN) : undefined
        }
        keep(name, entry, before)
        differ(`${what}: attempts`, claim.attempts, entry.attempts)
      } else if (byHand === undefined && (before === undefined || before.status === 'FAILED')) {
        const attempts = (before?.attempts ?? 0) + 1
        keep(name, { event, userId, period, status: 'FAILED', code: expected, attempts }, before)
      }
    },

    /** Checks the units of every limited stock: never too many, and all of them if a user was refused. */
    checkStocks (): void {
      const held = new Map<string, { units: number, capacity: number, name: string }>()
      for (const { event, period, status } of entries.values()) {
        const capacity = capacityOf(event)
        if (capacity === Infinity) continue
        const key = stockOf(event, period)
        const stock = held.get(key) ?? { units: 0, capacity, name: `stock of '${event.key}' ${period}` }
        held.set(key, stock)
        if (status === 'GRANTED' || status === 'PENDING' || status === 'REVOKED') stock.units += 1
      }
      for (const [key, { units, capacity, name }] of held) {
        if (units > capacity || short.has(key)) differ(name, units, capacity)
      }
      short.clear()
    }
  }

  function keep (name: string, entry: Entry, before: Entry | undefined): void {
    if (before !== undefined) {
      Object.assign(before, { code: undefined, ...entry })
      return
    }
    entries.set(name, entry)
    byUser.set(entry.userId, [...byUser.get(entry.userId) ?? [], entry])
  }
}

/** Returns a value after a JSON round trip, without properties that are `undefined`. */
function plain (text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}

/** How many times an event can be granted: the smallest stock of its rewards. Codes are the stock of a coupon. */
export function capacityOf ({ rewards, codes }: Pick<RunningEvent, 'rewards' | 'codes'>): number {
  return Math.min(...rewards.map(({ type, stock }) => type === 'COUPON' ? codes.length : stock ?? Infinity))
}

function stockOf ({ id, body }: RunningEvent, period: string): string {
  return body.stockPer === 'PERIOD' ? `${id} ${period}` : id
}
