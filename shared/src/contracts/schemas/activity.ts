import { Type, type Static } from 'typebox'
import { describeCodes } from '../errors/index.ts'
import { Id, Instant, Int32, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'
import { ActivityType, Scalars } from './scalars.ts'

const Data = Scalars(20, 'Properties of the activity that conditions can filter and count.')

const exampleActivity = { id: 'order-4711', userId: example.userId, type: 'quest.cleared', data: { questId: 'q-7' } }

/** An activity as its sender reports it. */
export const NewActivity = Strict({
  id: Id('The sender\'s own id of the activity. An id that is reported again counts once.'),
  userId: Id('The id of the user who did it.'),
  type: ActivityType,
  occurredAt: Type.Optional(Instant('When it happened. Defaults to now.')),
  value: Type.Optional(Type.Number({
    description: 'A number that conditions can evaluate, from 0 to 1,000,000,000 with at most 3 decimal places.'
  })),
  data: Type.Optional(Data)
}, {
  title: 'NewActivity',
  description: 'An activity to report: something that a user did.',
  examples: [exampleActivity]
})
export type NewActivity = Static<typeof NewActivity>

export const ActivityBatch = Strict({
  activities: Type.Array(NewActivity, { minItems: 1, maxItems: 500, description: 'The activities to report.' })
}, {
  title: 'ActivityBatch',
  description: 'Several activities to report in one request.',
  examples: [{ activities: [exampleActivity] }]
})
export type ActivityBatch = Static<typeof ActivityBatch>

/** Activities as `text/csv`. */
export const ActivitiesCsv = Type.String({
  pattern: '^id,userId,type,occurredAt,value,data\\.questId\\n' +
    '([A-Za-z0-9_-]{1,64},[A-Za-z0-9_-]{1,64},[a-z]{1,20}\\.[a-z]{1,20},' +
    '(2026-11-2[0-4]T1[0-9]:[0-5][0-9]:[0-5][0-9]Z|2026-11-21T09:00:00Z)?,[0-9]{0,6},([a-z]-[0-9]{1,6})?\\n){1,100}$',
  description: 'Only for ADMIN. The first line names the columns, in any order: `id`, `userId`, `type` and, ' +
    'optionally, `occurredAt`, `value` and up to 20 columns `data.NAME`. 1 to 10,000 lines follow. ' +
    'An empty cell means that the field is absent. In a column `data.NAME`, `true` and `false` are booleans, ' +
    'JSON numbers are numbers, and all other cells are strings. In a column `data.NAME:string`, all cells are ' +
    'strings. A cell cannot contain a line break. The `charset` parameter of the content type is respected.'
})

export const IngestionQuery = Strict({
  dryRun: Type.Optional(Type.Enum(['true', 'false'], {
    description: '`true`: decides every activity but stores nothing, and also returns `unknownUsers`.'
  }))
})

const rejectionCodes = [
  'RESERVED_TYPE', 'OCCURRED_IN_FUTURE', 'OCCURRED_TOO_LONG_AGO', 'VALUE_OUT_OF_RANGE', 'INVALID_LINE',
  'SERVICE_UNAVAILABLE', 'TOO_BUSY', 'INTERNAL_ERROR'
] as const

export const ActivityRejection = Type.Enum([...rejectionCodes], {
  title: 'ActivityRejection',
  description: `Why an activity was rejected.\n\n${describeCodes(rejectionCodes)}`
})
export type ActivityRejection = Static<typeof ActivityRejection>

const RejectedActivity = Strict({
  index: Int32('The position of the activity in the request, starting at 0.'),
  line: Type.Optional(Int32('Only for `text/csv`: the line number, starting at 1.')),
  code: Type.Unsafe<string>(ActivityRejection),
  detail: ResponseString('Why the activity was rejected.')
}, { title: 'RejectedActivity', description: 'An activity that was not stored.' })

/** The result of a batch of activities. */
export const IngestionResult = Strict({
  accepted: Int32('How many activities were stored.'),
  duplicates: Int32('How many activities had already been reported. They count once.'),
  rejected: Type.Array(RejectedActivity, { description: 'The activities that were not stored.' }),
  unknownUsers: Type.Optional(Type.Array(Id(), {
    description: 'Only in a dry run: the user ids in the request that have no account.'
  }))
}, {
  title: 'IngestionResult',
  description: 'The result of the reported activities.',
  examples: [{ accepted: 1, duplicates: 0, rejected: [] }]
})
export type IngestionResult = Static<typeof IngestionResult>

/** A stored activity. */
export const Activity = Strict({
  id: Id('The sender\'s id of the activity.'),
  sender: Id('The id of the machine client or user that reported it. `platform` is the platform itself.'),
  userId: Id('The id of the user who did it.'),
  type: ActivityType,
  occurredAt: Instant('When it happened.'),
  receivedAt: Instant('When the platform received it.'),
  value: Type.Optional(Type.Number({ description: 'A number that conditions can evaluate.' })),
  data: Type.Optional(Data)
}, {
  title: 'Activity',
  description: 'A stored activity.',
  examples: [{ ...exampleActivity, sender: example.clientId, occurredAt: example.at, receivedAt: example.at }]
})
export type Activity = Static<typeof Activity>
