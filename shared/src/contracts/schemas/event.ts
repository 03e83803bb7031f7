import { Type, type Static } from 'typebox'
import { Answer, exampleOf, Id, Instant, Int32, Nullable, Strict, Text } from './common.ts'
import { Condition, ConditionText, KnownCondition } from './condition.ts'
import { example } from './examples.ts'
import { Reward } from './reward.ts'

export const EventStatus = Type.Enum(['ACTIVE', 'INACTIVE'], {
  description: 'Whether the event is switched on. Operators set it.'
})

export const EventPhase = Type.Enum(['SCHEDULED', 'RUNNING', 'ENDED'], {
  description: 'Where the event is between `startsAt` and `endsAt`. The server computes it.'
})

const ClaimPeriod = Type.Enum(['EVENT', 'DAY', 'WEEK', 'MONTH'], {
  description: 'How often one user may claim: once per event, or once per calendar day, ISO week, or month ' +
    'in the time zone of the event.'
})

const GrantMode = Type.Enum(['AUTO', 'REVIEW'], {
  description: '`AUTO`: a claim is granted at once. `REVIEW`: an operator approves or rejects it.'
})

const timeZone = 'The IANA time zone in which days, weeks, and months are counted.'

/** What operators write, by property. */
const writable = {
  name: Text(200, { description: 'The name that users see.' }),
  description: Type.String({ maxLength: 5000, description: 'A description for users.' }),
  startsAt: Instant('When the event begins. Activities count from this instant on.'),
  endsAt: Instant('When the event ends. Activities at this instant or later do not count.'),
  claimUntil: Nullable(Instant('An instant.'), {
    description: 'Until when users can claim. `null` means until `endsAt`.'
  }),
  timeZone: Type.String({ format: 'iana-time-zone', maxLength: 64, description: timeZone }),
  condition: Nullable(Condition, {
    description: 'What a user must have done. `null` means that everyone is eligible.'
  }),
  claimPeriod: ClaimPeriod,
  grantMode: GrantMode,
  status: EventStatus
}

const exampleEvent = {
  name: 'Welcome week',
  description: 'Visit once, take 500 points',
  startsAt: '2026-11-01T00:00:00Z',
  endsAt: '2026-12-01T00:00:00Z',
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
  condition: Type.Optional(writable.condition),
  claimPeriod: Type.Optional(writable.claimPeriod),
  grantMode: Type.Optional(writable.grantMode),
  status: Type.Optional(writable.status)
}, { examples: [exampleEvent] })
export type NewEvent = Static<typeof NewEvent>

export const EventPatch = Type.Partial(Strict(writable), {
  additionalProperties: false, minProperties: 1, examples: [{ status: 'ACTIVE' }]
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
  version: Int32('The version of the event. Its `ETag` is made from it; send it in `If-Match` to update safely.'),
  createdAt: Instant('When the event was created.'),
  updatedAt: Instant('When the event was last changed.')
}

const exampleSummary = {
  ...exampleEvent,
  id: example.eventId,
  startsAt: '2026-11-01T00:00:00.000Z',
  endsAt: '2026-12-01T00:00:00.000Z',
  claimUntil: null,
  claimPeriod: 'EVENT',
  grantMode: 'AUTO',
  status: 'ACTIVE',
  conditionText: { en: 'Log in', ko: '로그인 1회' },
  phase: 'RUNNING',
  version: 3,
  createdAt: example.at,
  updatedAt: example.at
}

/** An event without its rewards, as lists show it. */
export const EventSummary = Strict(eventProperties, { examples: [exampleSummary] })
export type EventSummary = Static<typeof EventSummary>

/** An event with its rewards. It is not called `Event`, because that name is a global of Node.js. */
export const RewardEvent = Strict({
  ...eventProperties,
  rewards: Type.Array(Reward, { description: 'The rewards of the event. A claim grants all of them.' })
}, { examples: [{ ...exampleSummary, rewards: [exampleOf(Reward)] }] })
export type RewardEvent = Static<typeof RewardEvent>
