import { Reward as RewardSchema, RewardEvent as EventSchema } from '@laurel/shared/contracts'
import { createRowCheck, StoredDate, UnreadableRow } from '@laurel/shared/mongo'
import { localDate } from '../domain/calendar.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { OutboxEntry } from '../domain/messages.ts'
import type { Reward } from '../domain/reward-definition.ts'
import { outboxOf, type OutboxFields } from './outbox.ts'

/** Identifies a creating request, so that a repeated request does not create a second object. */
export interface Creation {
  /** The caller's `Idempotency-Key`. */
  readonly key: string
  /** The fingerprint of the body. */
  readonly fingerprint: string
}

interface CreationFields {
  readonly creationKey?: string
  readonly creationFingerprint?: string
}

/** A stored reward. */
export interface RewardRow extends Omit<Reward, 'stock'>, CreationFields {
  /** Absent or `null` if the stock is unlimited. */
  readonly stock?: number | null
}

/** The fields that events of version 0.1.0 do not have. */
type LaterFields = Partial<Pick<RewardEvent, 'dayStartsAt' | 'weekStartsOn' | 'stockPer' | 'group' | 'position'>>

/** A stored event. */
export interface EventDocument
  extends Omit<RewardEvent, 'id' | 'rewards' | keyof LaterFields>, LaterFields, CreationFields, OutboxFields {
  _id: string
  rewards: RewardRow[]
  /** The `endsAt` of the last outbox entry about the end of the event. */
  endNoted?: Date
}

const { properties } = EventSchema
const reward = RewardSchema.properties
const dateOrNull = { anyOf: [StoredDate, { type: 'null' }] }

const checkEvent = createRowCheck('events', {
  name: properties.name,
  description: properties.description,
  startsAt: StoredDate,
  endsAt: StoredDate,
  claimUntil: dateOrNull,
  timeZone: properties.timeZone,
  condition: properties.condition,
  claimPeriod: properties.claimPeriod,
  grantMode: properties.grantMode,
  status: properties.status,
  activatedAt: dateOrNull,
  rewards: {
    type: 'array',
    items: {
      type: 'object',
      required: ['rewardId', 'type', 'name', 'amount', 'attributes'],
      properties: {
        rewardId: reward.id,
        type: reward.type,
        name: reward.name,
        amount: reward.amount,
        currency: reward.currency,
        itemId: reward.itemId,
        attributes: reward.attributes,
        stock: reward.stock
      }
    }
  },
  version: properties.version,
  createdAt: StoredDate,
  updatedAt: StoredDate
}, {
  dayStartsAt: properties.dayStartsAt,
  weekStartsOn: properties.weekStartsOn,
  stockPer: properties.stockPer,
  group: properties.group,
  position: properties.position
})

/** In an unknown time zone, dates cannot be computed and nothing can be decided. */
function checkTimeZone ({ _id, timeZone, startsAt }: EventDocument): void {
  try {
    localDate(startsAt, { timeZone, dayStartsAt: '00:00' })
  } catch {
    throw new UnreadableRow('events', _id, `/timeZone is not known: ${timeZone}`)
  }
}

// Each property is listed for performance: the engine reads events very often, and an object that is created with a
// rest pattern or a spread is many times slower to create and to read.

export function toReward (row: RewardRow): Reward {
  const { rewardId, type, name, amount, currency, itemId, attributes, stock = null } = row
  return {
    rewardId,
    type,
    name,
    amount,
    ...(currency === undefined ? {} : { currency }),
    ...(itemId === undefined ? {} : { itemId }),
    attributes,
    stock
  }
}

/** Throws `UnreadableRow` if the row does not match its schema. */
export function toEvent (row: EventDocument): RewardEvent {
  checkEvent(row)
  checkTimeZone(row)
  return {
    id: row._id,
    name: row.name,
    description: row.description,
    startsAt: row.startsAt,
    endsAt: row.endsAt,
    claimUntil: row.claimUntil,
    timeZone: row.timeZone,
    dayStartsAt: row.dayStartsAt ?? '00:00',
    weekStartsOn: row.weekStartsOn ?? 'MONDAY',
    condition: row.condition,
    claimPeriod: row.claimPeriod,
    stockPer: row.stockPer ?? 'EVENT',
    grantMode: row.grantMode,
    group: row.group ?? null,
    position: row.position ?? 0,
    status: row.status,
    activatedAt: row.activatedAt,
    rewards: row.rewards.map(toReward),
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt
  }
}

export function newEventRow (
  { id, rewards, ...fields }: RewardEvent, creation: Creation | undefined, entry: OutboxEntry | undefined
): EventDocument {
  return { _id: id, ...fields, rewards: [...rewards], ...creationFields(creation), ...outboxOf(entry) }
}

export function newRewardRow (reward: Reward, creation: Creation | undefined): RewardRow {
  return { ...reward, ...creationFields(creation) }
}

/** Returns the fields that a change of an event sets. Keeps fields that exist only in the stored reward. */
export function changedFields (
  stored: EventDocument, { id, rewards, ...fields }: RewardEvent
): Omit<EventDocument, '_id'> {
  const rows = new Map(stored.rewards.map(row => [row.rewardId, row]))
  return { ...fields, rewards: rewards.map(reward => ({ ...rows.get(reward.rewardId), ...reward })) }
}

function creationFields (creation: Creation | undefined): CreationFields {
  return creation === undefined ? {} : { creationKey: creation.key, creationFingerprint: creation.fingerprint }
}
