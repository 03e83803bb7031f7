import type { ClaimStatus, WebhookType } from '@laurel/shared/contracts'
import type { Claim } from './claim.ts'
import type { RewardEvent } from './event.ts'
import { newMessage, type Message } from './webhook.ts'

/**
 * A change of a document. It is stored by the write that changes the document, until the relay has created deliveries
 * for it.
 */
export interface OutboxEntry {
  readonly type: WebhookType
  readonly at: Date
  /** The content of the message, if it is not part of the document. */
  readonly data?: StockLevel
}

/** An outbox entry about a stock. */
export interface StockEntry extends OutboxEntry {
  readonly data: StockLevel
}

/** How much of a limited reward is left. */
export interface StockLevel {
  readonly rewardId: string
  readonly stock: number
  readonly left: number
}

/** The types to which at least one webhook subscribes. */
export type WantedTypes = readonly WebhookType[]

type ClaimMessageType = Extract<WebhookType, `claim.${string}`>

/** The claim status that each message announces. Later statuses of a claim have a higher order. */
const claimMessages: Readonly<Record<ClaimMessageType, { readonly status: ClaimStatus, readonly order: number }>> = {
  'claim.pending': { status: 'PENDING', order: 1 },
  'claim.granted': { status: 'GRANTED', order: 2 },
  'claim.rejected': { status: 'REJECTED', order: 2 },
  'claim.revoked': { status: 'REVOKED', order: 3 }
}

/** Returns the outbox entry of a claim that changes to this status, or `undefined` if no webhook subscribes to it. */
export function claimEntry (status: ClaimStatus, at: Date, wanted: WantedTypes): OutboxEntry | undefined {
  const type = wanted.find(type => isClaimMessage(type) && claimMessages[type].status === status)
  return type === undefined ? undefined : { type, at }
}

function isClaimMessage (type: WebhookType): type is ClaimMessageType {
  return Object.hasOwn(claimMessages, type)
}

/**
 * Returns the outbox entry of an event that becomes ACTIVE. `undefined` if it does not, or if no webhook subscribes.
 */
export function eventEntry (
  before: RewardEvent | null, after: RewardEvent, wanted: WantedTypes
): OutboxEntry | undefined {
  if (after.status !== 'ACTIVE' || before?.status === 'ACTIVE') return undefined
  return wanted.includes('event.activated') ? { type: 'event.activated', at: after.updatedAt } : undefined
}

/** Returns the message about a claim. It contains the state of the claim at that time, but no coupon codes. */
export function messageOfClaim (claim: Claim, { type, at }: OutboxEntry): Message {
  const { status, order } = claimMessages[type as ClaimMessageType]
  const { id, eventId, userId, period, rewards } = claim
  return newMessage(type, id, order, at, {
    claimId: id, eventId, userId, period, status, rewards: rewards.map(({ couponCode, ...reward }) => reward)
  })
}

/** Returns the message about an event. */
export function messageOfEvent (event: RewardEvent, { type, at }: OutboxEntry): Message {
  const { id, name, startsAt, endsAt, claimUntil } = event
  return newMessage(type, id, at.getTime(), at, { eventId: id, name, startsAt, endsAt, claimUntil })
}

/** Returns the message about a stock. There is one message per type, reward, stock and period. */
export function messageOfStock (
  key: { eventId: string, stockPeriod?: string | undefined }, entry: OutboxEntry
): Message {
  const { type, at, data } = entry as StockEntry
  const { eventId, stockPeriod } = key
  const subject = `${eventId}_${stockSubject({ data })}_${stockPeriod ?? ''}`
  return newMessage(type, subject, type === 'reward.low' ? 1 : 2, at, {
    eventId, ...data, ...(stockPeriod === undefined ? {} : { period: stockPeriod })
  })
}

/** Returns the subject of an outbox entry about a stock. There is one entry per type and subject. */
export function stockSubject ({ data: { rewardId, stock } }: Pick<StockEntry, 'data'>): string {
  return `${rewardId}_${stock}`
}

/**
 * Returns the outbox entries of an event of which this many units have been granted. A reward is low if 10% or less of
 * its stock is left, and sold out if nothing is left.
 */
export function stockEntries (
  { rewards }: Pick<RewardEvent, 'rewards'>, granted: number, at: Date, wanted: WantedTypes
): StockEntry[] {
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
