import { Type, type Static } from 'typebox'
import { CallerRole } from '../roles.ts'
import { Id, Instant, ResponseString, Strict } from './common.ts'
import { example } from './examples.ts'

const State = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description })

const exampleEntry = {
  id: '6745f4f6a7b8c9d0e1f2a3b4',
  at: example.at,
  actorId: example.operatorId,
  role: 'ADMIN',
  requestId: example.requestId
}

/** One change by an operator. It is stored in the same transaction as the change. */
export const AuditEntry = Strict({
  id: Id('The id of the entry.'),
  at: Instant('When the change was made.'),
  actorId: Id('The id of the user or the machine client that made the change.'),
  role: CallerRole,
  action: ResponseString('The operation that made the change.'),
  targetType: Type.Enum(['EVENT', 'REWARD', 'CLAIM', 'WEBHOOK', 'PLATFORM'], { description: 'What was changed.' }),
  targetId: Id('The id of what was changed.'),
  before: Type.Optional(State('The changed properties before the change.')),
  after: Type.Optional(State('The changed properties after the change.')),
  note: Type.Optional(ResponseString('The note or reason that the operator gave.')),
  requestId: ResponseString('The id of the request.')
}, {
  title: 'AuditEntry',
  description: 'One change by an operator.',
  examples: [{
    ...exampleEntry,
    action: 'updateEvent',
    targetType: 'EVENT',
    targetId: example.eventId,
    before: { status: 'INACTIVE' },
    after: { status: 'ACTIVE' }
  }]
})
export type AuditEntry = Static<typeof AuditEntry>

/** One change to an account or a machine client. It contains neither email addresses nor names. */
export const AccountAuditEntry = Strict({
  ...AuditEntry.properties,
  targetType: Type.Enum(['USER', 'CLIENT'], { description: 'What was changed.' })
}, {
  title: 'AccountAuditEntry',
  description: 'One change to an account or a machine client. It contains neither email addresses nor names.',
  examples: [{
    ...exampleEntry,
    action: 'updateUser',
    targetType: 'USER',
    targetId: example.userId,
    before: { role: 'USER', status: 'ACTIVE' },
    after: { role: 'OPERATOR', status: 'ACTIVE' }
  }]
})
export type AccountAuditEntry = Static<typeof AccountAuditEntry>
