import { readFileSync } from 'node:fs'
import type { Condition, NewEvent } from '@laurel/shared/contracts'
import type { Zones } from './zones.ts'

/** The plan of an event of the month. An event with codes is created INACTIVE, gets them, and becomes ACTIVE. */
export interface PlannedEvent {
  /** A short name that is unique in the month. */
  readonly key: string
  readonly body: NewEvent
  /** How many coupon codes it gets. */
  readonly codes: number
  /** 2 if its condition counts grants of the first wave. */
  readonly wave: 1 | 2
  /** The fraction of players who claim it. */
  readonly share: number
}

export interface PlanOptions {
  readonly now: Date
  readonly zones: Zones
  /** Identifies the month. Part of the names of groups. */
  readonly run: string
}

const day = 86_400_000
const hour = 3_600_000
/** The length of the month, in days. */
export const monthLength = 30

/** Returns the first instant of the month that ends now. */
export function monthStart (now: Date): Date {
  return new Date(Math.floor(now.getTime() / hour) * hour - monthLength * day)
}

const visits = (target: number): Condition => ({ aggregation: 'active_days', activity: 'user.visited', target })
const quests = (target: number): Condition => ({ aggregation: 'count', activity: 'quest.cleared', target })
const grantsIn = (group: string, target: number): Condition => ({
  aggregation: 'unique_count',
  activity: 'event.granted',
  property: 'eventId',
  where: [{ property: 'group', op: 'eq', value: group }],
  target
})
const points = (amount: number, stock?: number) =>
  ({ type: 'POINT' as const, name: `${amount} points`, amount, ...(stock !== undefined && { stock }) })
const item = (itemId: string, stock?: number) =>
  ({ type: 'ITEM' as const, itemId, name: itemId, amount: 1, ...(stock !== undefined && { stock }) })
const gold = (amount: number) => ({ type: 'CURRENCY' as const, currency: 'GOLD', name: `${amount} gold`, amount })
const coupon = { type: 'COUPON' as const, name: 'Coupon' }

type Settings = Partial<NewEvent>
type Extras = Partial<Omit<PlannedEvent, 'key' | 'body'>>

/** Returns the forty events of a month that ends now: the presets in three time zones, and other events. */
export function planEvents ({ now, zones, run }: PlanOptions): PlannedEvent[] {
  const start = monthStart(now).getTime()
  const at = (days: number): string => new Date(start + days * day).toISOString()
  const dates = { startsAt: at(0), endsAt: at(monthLength + 10) }

  function plan (key: string, settings: Settings, extras: Extras = {}): PlannedEvent {
    const { status, ...body } = { name: key, ...dates, ...settings } as NewEvent
    return { key, body, codes: 0, wave: 1, share: 0.2, ...extras }
  }
  function preset (file: string, key: string, settings: Settings, extras?: Extras): PlannedEvent {
    const body = JSON.parse(readFileSync(new URL(`../../../examples/events/${file}.json`, import.meta.url), 'utf8'))
    return plan(key, { ...body, ...dates, ...settings }, extras)
  }

  return [
    ...zones.flatMap((timeZone, index) => inZone(timeZone, index)),
    preset('invitation', 'invitation', { timeZone: zones[0] }),
    preset('quest', 'quest', { timeZone: zones[0], group: `chain-${run}` }, { share: 0.4 }),
    plan('five quests', { timeZone: zones[1], condition: quests(5), rewards: [points(250), gold(5)] }),
    plan('four different quests', {
      timeZone: zones[2],
      condition: { aggregation: 'unique_count', activity: 'quest.cleared', property: 'questId', target: 4 },
      rewards: [item('map')]
    }),
    preset('coupon-drop', 'coupon drop', { timeZone: zones[0] }, { codes: 120 }),
    plan('reviewed coupons', {
      timeZone: zones[1], condition: quests(1), grantMode: 'REVIEW', rewards: [coupon, points(10)]
    }, { codes: 50 }),
    plan('first come', { timeZone: zones[2], rewards: [points(70, 150), item('hat', 120)] }),
    plan('tree', {
      timeZone: zones[0],
      condition: {
        all: [
          { any: [{ aggregation: 'streak', activity: 'user.visited', target: 8, grace: 2 }, visits(20)] },
          { aggregation: 'sum', activity: 'game.scored', target: 500 }
        ]
      },
      rewards: [points(2000), gold(50), item('crown')]
    }),
    plan('ended', {
      timeZone: zones[1], condition: visits(8), endsAt: at(25), claimUntil: at(monthLength + 10), rewards: [points(80)]
    }),
    plan('not started', { timeZone: zones[2], startsAt: at(monthLength + 5), rewards: [points(1)] }, { share: 0.05 }),
    plan('one stock for all days', { timeZone: zones[1], claimPeriod: 'DAY', rewards: [item('ticket', 200)] }),
    plan('chain', { timeZone: zones[0], condition: grantsIn(`chain-${run}`, 1), rewards: [item('shield')] }, {
      wave: 2, share: 0.2
    }),
    plan('stopped', { timeZone: zones[2], rewards: [points(33)] })
  ]

  /** Nine events that every time zone has. */
  function inZone (timeZone: string, index: number): PlannedEvent[] {
    const key = (name: string): string => `${name} ${index}`
    const group = `board-${index}-${run}`
    const weekStartsOn = (['MONDAY', 'SUNDAY', 'THURSDAY'] as const)[index] ?? 'MONDAY'
    return [
      preset('attendance', key('attendance'), { timeZone, condition: visits([3, 10, 20][index] ?? 3) }),
      preset('streak', key('streak'), { timeZone }),
      preset('daily-bonus', key('daily'), { timeZone, rewards: [points(50), item('potion', 40)] }),
      plan(key('weekly'), {
        timeZone,
        weekStartsOn,
        claimPeriod: 'WEEK',
        condition: { aggregation: 'sum', activity: 'shop.purchased', target: 60 },
        rewards: [gold(10)]
      }),
      preset('purchase-sum', key('monthly'), { timeZone }),
      ...[3, 7, 14].map(target => preset('board', key(`board day ${target}`), {
        timeZone,
        name: `Attendance, day ${target}`,
        group,
        position: target,
        condition: visits(target),
        rewards: [points(target * 100)]
      })),
      plan(key('whole board'), {
        timeZone, group, position: 15, condition: grantsIn(group, 3), rewards: [item('winter-cape')]
      }, { wave: 2, share: 0.15 })
    ]
  }
}
