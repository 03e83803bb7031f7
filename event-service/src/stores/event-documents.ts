import { Reward as RewardSchema, RewardEvent as EventSchema } from '@laurel/shared/contracts'
import { createDocumentCheck, StoredDate, UnreadableDocumentError } from '@laurel/shared/mongo'
import { localDate } from '../domain/calendar.ts'
import type { RewardEvent } from '../domain/event.ts'
import type { OutboxEntry } from '../domain/messages.ts'
import type { Reward } from '../domain/reward.ts'
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
export interface RewardDocument extends Omit<Reward, 'stock'>, CreationFields {
  /** Absent or `null` if the stock is unlimited. */
  readonly stock?: number | null
}

/** The fields that events of version 0.1.0 do not have. */
type LaterFields = Partial<Pick<RewardEvent, 'dayStartsAt' | 'weekStartsOn' | 'stockPer' | 'group' | 'position'>>

/** A stored event. */
export interface EventDocument
  extends Omit<RewardEvent, 'id' | 'rewards' | keyof LaterFields>, LaterFields, CreationFields, OutboxFields {
  _id: string
  rewards: RewardDocument[]
  /** The `endsAt` of the last outbox entry about the end of the event. */
  endNoted?: Date
}

const { properties } = EventSchema
const reward = RewardSchema.properties
const dateOrNull = { anyOf: [StoredDate, { type: 'null' }] }

const checkEvent = createDocumentCheck('events', {
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
    throw new UnreadableDocumentError('events', _id, `/timeZone is not known: ${timeZone}`)
  }
}

// Each property is listed for performance: the engine reads events very often, and an object that is created with a
// rest pattern or a spread is many times slower to create and to read.

export function toReward (document: RewardDocument): Reward {
  const { rewardId, type, name, amount, currency, itemId, attributes, stock = null } = document
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

/** Throws `UnreadableDocumentError` if the document does not match its schema. */
export function toEvent (document: EventDocument): RewardEvent {
  checkEvent(document)
  checkTimeZone(document)
  return {
    id: document._id,
    name: document.name,
    description: document.description,
    startsAt: document.startsAt,
    endsAt: document.endsAt,
    claimUntil: document.claimUntil,
    timeZone: document.timeZone,
    dayStartsAt: document.dayStartsAt ?? '00:00',
    weekStartsOn: document.weekStartsOn ?? 'MONDAY',
    condition: document.condition,
    claimPeriod: document.claimPeriod,
    stockPer: document.stockPer ?? 'EVENT',
    grantMode: document.grantMode,
    group: document.group ?? null,
    position: document.position ?? 0,
    status: document.status,
    activatedAt: document.activatedAt,
    rewards: document.rewards.map(toReward),
    version: document.version,
    createdAt: document.createdAt,
    updatedAt: document.updatedAt
  }
}

export function newEventDocument (
  { id, rewards, ...fields }: RewardEvent, creation: Creation | undefined, entry: OutboxEntry | undefined
): EventDocument {
  return { _id: id, ...fields, rewards: [...rewards], ...creationFields(creation), ...outboxOf(entry) }
}

export function newRewardDocument (reward: Reward, creation: Creation | undefined): RewardDocument {
  return { ...reward, ...creationFields(creation) }
}

/** Returns the fields that a change of an event sets. Keeps fields that exist only in the stored reward. */
export function changedFields (
  stored: EventDocument, { id, rewards, ...fields }: RewardEvent
): Omit<EventDocument, '_id'> {
  const documents = new Map(stored.rewards.map(document => [document.rewardId, document]))
  return { ...fields, rewards: rewards.map(reward => ({ ...documents.get(reward.rewardId), ...reward })) }
}

function creationFields (creation: Creation | undefined): CreationFields {
  return creation === undefined ? {} : { creationKey: creation.key, creationFingerprint: creation.fingerprint }
}
