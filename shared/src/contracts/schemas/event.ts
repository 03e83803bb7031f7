import { Type, type Static } from 'typebox'
import { exampleOf, Id, Instant, Int32, Nullable, ResponseString, Strict } from './common.ts'
import { ConditionText, KnownCondition } from './condition.ts'
import { EventPhase, timeZone, writable } from './event-properties.ts'
import { example } from './examples.ts'
import { NewReward } from './new-reward.ts'
import { exampleNewReward, Reward } from './reward.ts'

const exampleEvent = {
  name: 'Welcome',
  description: 'Log in once and get 500 points.',
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2036-01-01T00:00:00.000Z',
  timeZone: 'Asia/Seoul',
  condition: { aggregation: 'count', activity: 'user.login', target: 1 }
}

export const NewEvent = Strict({
  name: writable.name,
  description: Type.Optional(writable.description),
  startsAt: writable.startsAt,
  endsAt: writable.endsAt,
  claimUntil: Type.Optional(writable.claimUntil),
  timeZone: Type.Optional(writable.timeZone),
  dayStartsAt: Type.Optional(writable.dayStartsAt),
  weekStartsOn: Type.Optional(writable.weekStartsOn),
  condition: Type.Optional(writable.condition),
  claimPeriod: Type.Optional(writable.claimPeriod),
  stockPer: Type.Optional(writable.stockPer),
  grantMode: Type.Optional(writable.grantMode),
  group: Type.Optional(writable.group),
  position: Type.Optional(writable.position),
  status: Type.Optional(writable.status),
  rewards: Type.Optional(Type.Array(NewReward, {
    minItems: 1, maxItems: 10, description: 'The rewards of the event. More can be added until it becomes ACTIVE.'
  }))
}, { title: 'NewEvent', description: 'An event to create.', examples: [exampleEvent] })
export type NewEvent = Static<typeof NewEvent>

const exampleCloning = {
  name: 'Welcome, again', startsAt: '2036-01-01T00:00:00.000Z', endsAt: '2036-02-01T00:00:00.000Z'
}

/** The properties of a clone that differ from the original event. */
export const EventClone = Strict({
  name: writable.name,
  startsAt: writable.startsAt,
  endsAt: writable.endsAt,
  condition: Type.Optional(writable.condition),
  group: Type.Optional(writable.group),
  position: Type.Optional(writable.position)
}, {
  title: 'EventClone',
  description: 'The properties of the clone that differ from the original event.',
  examples: [exampleCloning]
})
export type EventClone = Static<typeof EventClone>

export const EventPatch = Type.Partial(Strict(writable), {
  title: 'EventPatch',
  description: 'The properties of an event to change.',
  additionalProperties: false,
  minProperties: 1,
  examples: [{ status: 'ACTIVE' }]
})
export type EventPatch = Static<typeof EventPatch>

const eventProperties = {
  id: Id('The id of the event.'),
  ...writable,
  name: ResponseString('The name that users see.'),
  timeZone: ResponseString(timeZone),
  condition: Nullable(KnownCondition, {
    description: 'What a user must have done. `null` means that everyone is eligible.'
  }),
  conditionText: ConditionText,
  phase: EventPhase,
  version: Int32('The version of the event. The `ETag` is derived from it; send it in `If-Match` to update safely.'),
  createdAt: Instant('When the event was created.'),
  updatedAt: Instant('When the event was last changed.')
}

const exampleSummary = {
  ...exampleEvent,
  id: example.eventId,
  claimUntil: null,
  dayStartsAt: '00:00',
  weekStartsOn: 'MONDAY',
  claimPeriod: 'EVENT',
  stockPer: 'EVENT',
  grantMode: 'AUTO',
  group: null,
  position: 0,
  status: 'ACTIVE',
  conditionText: { en: 'Log in', ko: '로그인 1회' },
  phase: 'RUNNING',
  version: 3,
  createdAt: example.at,
  updatedAt: example.at
}

/** An event without its rewards, as in lists. */
export const EventSummary = Strict(eventProperties, {
  title: 'EventSummary',
  description: 'An event without its rewards.',
  examples: [exampleSummary]
})
export type EventSummary = Static<typeof EventSummary>

/** An event with its rewards. It is not called `Event`, because that name is a global of Node.js. */
export const RewardEvent = Strict({
  ...eventProperties,
  rewards: Type.Array(Reward, { description: 'The rewards of the event. A claim grants all of them.' })
}, {
  title: 'Event',
  description: 'An event with its rewards.',
  examples: [{ ...exampleSummary, rewards: [exampleOf(Reward)] }]
})
export type RewardEvent = Static<typeof RewardEvent>

/** The example event after its creation and after its activation, and its clone. */
export const exampleNewEvent = { ...exampleSummary, status: 'INACTIVE', version: 1, rewards: [] }
export const exampleActivatedEvent = { ...exampleSummary, rewards: [exampleNewReward] }
export const exampleClonedEvent = {
  ...exampleNewEvent, ...exampleCloning, phase: 'SCHEDULED', rewards: [exampleNewReward]
}
