import { createAuditRecord, type Actor, type AuditRecord } from '@laurel/shared/audit'
import type { AuditEntry } from '@laurel/shared/contracts'
import type { RewardEvent } from './event.ts'
import { rewardOf, type Reward } from './reward.ts'

export type AuditTarget = AuditEntry['targetType']

/** One action of an operator. */
export type Audit = AuditRecord<AuditTarget>

type Fields = Readonly<Record<string, unknown>>

/** Returns the fields that differ, before and after the change. */
function changesBetween (before: Fields, after: Fields): { readonly before: Fields, readonly after: Fields } {
  const changed = Object.keys(after).filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const pick = (fields: Fields): Fields => Object.fromEntries(changed.map(name => [name, fields[name]]))
  return { before: pick(before), after: pick(after) }
}

/** Returns the fields as JSON: instants are strings, and undefined fields are omitted. */
function toJson (fields: object): Fields {
  return JSON.parse(JSON.stringify(fields)) as Fields
}

/** Returns the fields of an event that an operator can set. */
function settableFields (event: RewardEvent): Fields {
  const { id, rewards, version, createdAt, updatedAt, activatedAt, ...fields } = event
  return toJson(fields)
}

/** Returns the field `rewards`, or no field if the event has no rewards. */
function rewardFields ({ rewards }: RewardEvent): Fields {
  return rewards.length === 0 ? {} : { rewards: rewards.map(toJson) }
}

export function auditOfNewEvent (actor: Actor, event: RewardEvent): Audit {
  return createAuditRecord(actor, {
    at: event.createdAt,
    action: 'createEvent',
    targetType: 'EVENT',
    targetId: event.id,
    after: { ...settableFields(event), ...rewardFields(event) }
  })
}

export function auditOfClone (actor: Actor, source: RewardEvent, clone: RewardEvent): Audit {
  return {
    ...auditOfNewEvent(actor, clone),
    action: 'cloneEvent',
    after: { clonedFrom: source.id, ...settableFields(clone), ...rewardFields(clone) }
  }
}

export function auditOfDeletedEvent (actor: Actor, event: RewardEvent, at: Date): Audit {
  return createAuditRecord(actor, {
    at,
    action: 'deleteEvent',
    targetType: 'EVENT',
    targetId: event.id,
    before: { ...settableFields(event), ...rewardFields(event) }
  })
}

export function auditOfDeletedReward (actor: Actor, rewardId: string, before: RewardEvent, after: RewardEvent): Audit {
  return createAuditRecord(actor, {
    at: after.updatedAt,
    action: 'deleteReward',
    targetType: 'REWARD',
    targetId: rewardId,
    before: toJson({ eventId: before.id, ...rewardOf(before, rewardId) })
  })
}

export function auditOfEventChange (actor: Actor, before: RewardEvent, after: RewardEvent): Audit {
  return createAuditRecord(actor, {
    at: after.updatedAt,
    action: 'updateEvent',
    targetType: 'EVENT',
    targetId: after.id,
    ...changesBetween(settableFields(before), settableFields(after))
  })
}

export function auditOfNewReward (actor: Actor, eventId: string, reward: Reward, at: Date): Audit {
  return createAuditRecord(actor, {
    at,
    action: 'addReward',
    targetType: 'REWARD',
    targetId: reward.rewardId,
    after: toJson({ eventId, ...reward })
  })
}

export function auditOfRewardChange (actor: Actor, rewardId: string, before: RewardEvent, after: RewardEvent): Audit {
  return createAuditRecord(actor, {
    at: after.updatedAt,
    action: 'updateReward',
    targetType: 'REWARD',
    targetId: rewardId,
    ...changesBetween(toJson(rewardOf(before, rewardId)), toJson(rewardOf(after, rewardId)))
  })
}

/** The audit does not contain the codes, because auditors must not see them. */
export function auditOfNewCodes (actor: Actor, eventId: string, rewardId: string, count: number, at: Date): Audit {
  return createAuditRecord(actor, {
    at,
    action: 'addCouponCodes',
    targetType: 'REWARD',
    targetId: rewardId,
    after: { eventId, codes: count }
  })
}
