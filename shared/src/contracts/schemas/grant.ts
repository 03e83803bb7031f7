import { Type, type Static } from 'typebox'
import { Claim, exampleManualClaim } from './claim.ts'
import { Id, Int32, ResponseString, Strict, Text } from './common.ts'
import { example } from './examples.ts'

const Grant = Strict({
  userId: Id('The id of the user.'),
  period: Type.Optional(Type.String({
    pattern: '^[A-Z0-9-]{1,12}$',
    description: 'The name of the current or an earlier period of the event, as in `period` of a claim. ' +
      'Defaults to the current one.'
  }))
}, { title: 'Grant', description: 'A user who receives the rewards.' })

const grantConditions = ['CHECK', 'WAIVE'] as const
const maxReasonLength = 1000

const GrantCondition = Type.Enum([...grantConditions], {
  description: '`CHECK`: decides as a claim by the user would be decided now. ' +
    '`WAIVE`: ignores the condition, the dates and the status. The event must have been ACTIVE at least once.'
})

const GrantReason = Text(maxReasonLength, {
  description: 'The reason. Other operators see it in the history of the claims.'
})

/** The grants of an operator. */
export const GrantRequest = Strict({
  grants: Type.Array(Grant, { minItems: 1, maxItems: 500, description: 'The users who receive the rewards.' }),
  condition: GrantCondition,
  reason: GrantReason
}, {
  title: 'GrantRequest',
  description: 'A list of users who receive the rewards of an event.',
  examples: [{ grants: [{ userId: example.userId }], condition: 'CHECK', reason: 'The server was down on Saturday' }]
})
export type GrantRequest = Static<typeof GrantRequest>

export const GrantQuery = Strict({
  dryRun: Type.Optional(Type.Enum(['true', 'false'], {
    description: '`true`: decides every grant but writes nothing. The results contain no claims.'
  })),
  condition: Type.Optional(Type.Enum([...grantConditions], { description: 'As in the JSON body. Required for CSV.' })),
  reason: Type.Optional(Text(maxReasonLength, { description: 'As in the JSON body. Required for CSV.' }))
})

/** A list of grants as `text/csv`. */
export const GrantsCsv = Type.String({
  pattern: '^userId,period\\n([A-Za-z0-9_-]{1,64},([0-9]{4}-[0-9]{2}-[0-9]{2})?\\n){1,100}$',
  description: 'The first line names the columns `userId` and, optionally, `period`. 1 to 10,000 lines follow. ' +
    'The apostrophe that `exportClaims` writes before some ids and periods is ignored.'
})

const line = Type.Optional(Int32('Only for `text/csv`: the line number, starting at 1.'))

const Granted = Strict({
  line,
  userId: Id('The id of the user.'),
  ok: Type.Literal(true, { description: 'The rewards are granted, or the claim awaits review.' }),
  claim: Type.Optional(Claim)
}, { title: 'Granted', description: 'The rewards are granted, or the claim awaits review.' })

const NotGranted = Strict({
  line,
  userId: Type.Optional(Id('The id of the user, if the line has one.')),
  ok: Type.Literal(false, { description: 'Nothing was granted or written.' }),
  code: ResponseString('A stable error code.'),
  detail: ResponseString('Why nothing was granted.')
}, { title: 'NotGranted', description: 'The grant was refused, or the line is not valid.' })

export const GrantResult = Type.Unsafe<Static<typeof Granted> | Static<typeof NotGranted>>({
  type: 'object',
  title: 'GrantResult',
  description: 'The result of one grant. In a dry run, it contains no claim.',
  oneOf: [Granted, NotGranted]
})
export type GrantResult = Static<typeof GrantResult>

export const GrantResults = Strict({
  results: Type.Array(GrantResult, { description: 'One result per grant, in the order of the request.' })
}, {
  title: 'GrantResults',
  description: 'The result of each grant.',
  examples: [{ results: [{ userId: example.userId, ok: true, claim: exampleManualClaim }] }]
})
export type GrantResults = Static<typeof GrantResults>
