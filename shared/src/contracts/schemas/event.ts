import { Type, type Static } from 'typebox'
import { Answer, exampleOf, Id, Instant, Int32, Nullable, Strict, Text } from './common.ts'
import { Condition, ConditionText, KnownCondition } from './condition.ts'
import { example } from './examples.ts'
import { NewReward } from './new-reward.ts'
import { exampleNewReward, Reward } from './reward.ts'
import { groupPattern } from './scalars.ts'

export const EventStatus = Type.Enum(['ACTIVE', 'INACTIVE'], {
  title: 'EventStatus',
  description: 'Whether the event is switched on. Operators set it.'
})

export const EventPhase = Type.Enum(['SCHEDULED', 'RUNNING', 'ENDED'], {
  title: 'EventPhase',
  description: 'Where the event is between `startsAt` and `endsAt`. The server computes it.'
})

const ClaimPeriod = Type.Enum(['EVENT', 'DAY', 'WEEK', 'MONTH'], {
  title: 'ClaimPeriod',
  description: 'How often one user may claim: once per event, or once per calendar day, ISO week, or month ' +
    'in the time zone of the event.'
})

const StockPer = Type.Enum(['EVENT', 'PERIOD'], {
  title: 'StockPer',
  description: 'Whether the `stock` of a reward applies to the whole event or to each claim period, ' +
    'such as the first 100 users of every day. An event with `PERIOD` cannot have a `COUPON`.'
})

const GrantMode = Type.Enum(['AUTO', 'REVIEW'], {
  title: 'GrantMode',
  description: '`AUTO`: a claim is granted immediately. `REVIEW`: an operator approves or rejects it.'
})

const DayStart = Type.String({
  pattern: '^(?:[01]\\d|2[0-3]):(?:00|15|30|45)$',
  description: 'The local time at which a day begins, in steps of 15 minutes. ' +
    'A day has the date on which it begins: with `05:00`, 04:59 belongs to the day before.'
})

export const Weekday = Type.Enum(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'], {
  title: 'Weekday',
  description: 'The day on which a week begins.'
})
export type Weekday = Static<typeof Weekday>

const timeZone = 'The IANA time zone in which days, weeks, and months are counted.'

const GroupName = Type.String({
  pattern: groupPattern,
  description: 'The name of a group of events, such as a board of day 3, day 7, and day 14.'
})

/** The properties that operators can set. */
const writable = {
  name: Text(200, { description: 'The name that users see.' }),
  description: Type.String({ maxLength: 5000, description: 'A description for users.' }),
  startsAt: Instant('When the event begins. Only activities at or after this time count.'),
  endsAt: Instant('When the event ends. Only activities before this time count.'),
  claimUntil: Nullable(Instant('A time.'), {
    description: 'Users can claim until this time. `null` means until `endsAt`.'
  }),
  timeZone: Type.String({ format: 'iana-time-zone', maxLength: 64, description: timeZone }),
  dayStartsAt: DayStart,
  weekStartsOn: Weekday,
  condition: Nullable(Condition, {
    description: 'What a user must have done. `null` means that everyone is eligible.'
  }),
  claimPeriod: ClaimPeriod,
  stockPer: StockPer,
  grantMode: GrantMode,
  group: Nullable(GroupName, { description: 'The group that the event belongs to. `null` means none.' }),
  position: Int32('The position of the event in its group.', { minimum: 0, maximum: 1000 }),
  status: EventStatus
}

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
  name: Answer('The name that users see.'),
  timeZone: Answer(timeZone),
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
