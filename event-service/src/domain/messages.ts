import type { ClaimStatus, WebhookType } from '@laurel/shared/contracts'
import type { Claim } from './claim.ts'
import type { RewardEvent } from './event.ts'
import { newMessage, type Message } from './webhook.ts'

/** What happened to a row. The write that changes the row stores it, until the relay has made deliveries of it. */
export interface Note {
  readonly type: WebhookType
  readonly at: Date
  /** What the message says, if the row itself does not. */
  readonly data?: StockLevel
}

/** A note about a stock. */
export interface StockNote extends Note {
  readonly data: StockLevel
}

/** How much of a limited reward is left. */
export interface StockLevel {
  readonly rewardId: string
  readonly stock: number
  readonly left: number
}

/** The types that at least one webhook wants. */
export type WantedTypes = readonly WebhookType[]

type ClaimMessageType = Extract<WebhookType, `claim.${string}`>

/** The status that each message announces. The order grows with each change of a claim. */
const claimMessages: Readonly<Record<ClaimMessageType, { readonly status: ClaimStatus, readonly order: number }>> = {
  'claim.pending': { status: 'PENDING', order: 1 },
  'claim.granted': { status: 'GRANTED', order: 2 },
  'claim.rejected': { status: 'REJECTED', order: 2 },
  'claim.revoked': { status: 'REVOKED', order: 3 }
}

/** Returns the note of a claim that takes this status, or `undefined` if no webhook wants it. */
export function noteOfClaim (status: ClaimStatus, at: Date, wanted: WantedTypes): Note | undefined {
  const type = wanted.find(type => isClaimMessage(type) && claimMessages[type].status === status)
  return type === undefined ? undefined : { type, at }
}

function isClaimMessage (type: WebhookType): type is ClaimMessageType {
  return Object.hasOwn(claimMessages, type)
}

/** Returns the note of an event that becomes ACTIVE, or `undefined` if it does not or no webhook wants it. */
export function noteOfEvent (
  before: RewardEvent | null, after: RewardEvent, wanted: WantedTypes
): Note | undefined {
  if (after.status !== 'ACTIVE' || before?.status === 'ACTIVE') return undefined
  return wanted.includes('event.activated') ? { type: 'event.activated', at: after.updatedAt } : undefined
}

/** Returns the message about a claim. It says what the claim was at that time, and never a coupon code. */
export function messageOfClaim (claim: Claim, { type, at }: Note): Message {
  const { status, order } = claimMessages[type as ClaimMessageType]
  const { id, eventId, userId, period, rewards } = claim
  return newMessage(type, id, order, at, {
    claimId: id, eventId, userId, period, status, rewards: rewards.map(({ couponCode, ...reward }) => reward)
  })
}

/** Returns the message about an event. */
export function messageOfEvent (event: RewardEvent, { type, at }: Note): Message {
  const { id, name, startsAt, endsAt, claimUntil } = event
  return newMessage(type, id, at.getTime(), at, { eventId: id, name, startsAt, endsAt, claimUntil })
}

/** Returns the message about a stock. It has one for each type, reward, stock and period. */
export function messageOfStock (key: { eventId: string, stockPeriod?: string | undefined }, note: Note): Message {
  const { type, at, data } = note as StockNote
  const { eventId, stockPeriod } = key
  const subject = `${eventId}_${noteKey({ data })}_${stockPeriod ?? ''}`
  return newMessage(type, subject, type === 'reward.low' ? 1 : 2, at, {
    eventId, ...data, ...(stockPeriod === undefined ? {} : { period: stockPeriod })
  })
}

/** Returns the subject of a note about a stock. Each type is noted once for each subject. */
export function noteKey ({ data: { rewardId, stock } }: Pick<StockNote, 'data'>): string {
  return `${rewardId}_${stock}`
}

/**
 * Returns the notes of an event of which this many units are granted. A reward is low if 10 % or less of its stock is
 * left, and sold out if nothing is left.
 */
export function notesOfStock (
  { rewards }: Pick<RewardEvent, 'rewards'>, granted: number, at: Date, wanted: WantedTypes
): StockNote[] {
  return rewards.flatMap(({ rewardId, stock }) => {
    if (stock === null || stock === 0) return []
    const left = Math.max(0, stock - granted)
    const types = [
      ...(left * 10 <= stock ? ['reward.low'] as const : []),
      ...(left === 0 ? ['reward.sold_out'] as const : [])
    ]
    return types.filter(type => wanted.includes(type)).map(type => ({ type, at, data: { rewardId, stock, left } }))
  })
}
