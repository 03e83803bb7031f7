import { Type, type Static } from 'typebox'
import { Answer, Id, Instant, Int32, Strict } from './common.ts'
import { example } from './examples.ts'
import { ActivityType, Scalars } from './scalars.ts'

const Data = Scalars(20, 'Properties of the activity that conditions can filter and count.')

const exampleActivity = { id: 'order-4711', userId: example.userId, type: 'quest.cleared', data: { questId: 'q-7' } }

/** An activity as its sender reports it. */
export const NewActivity = Strict({
  id: Id('The sender\'s own id of the activity. Reporting the same id again counts once.'),
  userId: Id('The id of the user who did it.'),
  type: ActivityType,
  occurredAt: Type.Optional(Instant('When it happened. Defaults to now.')),
  value: Type.Optional(Type.Number({
    description: 'A number for `sum` conditions, from 0 to 1,000,000,000 with at most 3 decimals.'
  })),
  data: Type.Optional(Data)
}, { examples: [exampleActivity] })
export type NewActivity = Static<typeof NewActivity>

export const ActivityBatch = Strict({
  activities: Type.Array(NewActivity, { minItems: 1, maxItems: 500, description: 'The activities to report.' })
}, { examples: [{ activities: [exampleActivity] }] })
export type ActivityBatch = Static<typeof ActivityBatch>

const RejectedActivity = Strict({
  index: Int32('The position of the activity in the request, counted from 0.'),
  code: Answer('A stable code.'),
  detail: Answer('Why the activity was rejected.')
})

/** What became of a batch of activities. */
export const Ingestion = Strict({
  accepted: Int32('How many activities were stored.'),
  duplicates: Int32('How many activities were already known. They count once.'),
  rejected: Type.Array(RejectedActivity, { description: 'The activities that were not stored.' })
}, { examples: [{ accepted: 1, duplicates: 0, rejected: [] }] })
export type Ingestion = Static<typeof Ingestion>

/** A stored activity. */
export const Activity = Strict({
  id: Id('The sender\'s id of the activity.'),
  sender: Id('The id of the machine client or user that reported it. `platform` is the platform itself.'),
  userId: Id('The id of the user who did it.'),
  type: ActivityType,
  occurredAt: Instant('When it happened.'),
  receivedAt: Instant('When the platform received it.'),
  value: Type.Optional(Type.Number({ description: 'The number that `sum` conditions add.' })),
  data: Type.Optional(Data)
}, { examples: [{ ...exampleActivity, sender: example.clientId, occurredAt: example.at, receivedAt: example.at }] })
export type Activity = Static<typeof Activity>
