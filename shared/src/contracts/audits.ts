import { Type, type Static } from 'typebox'
import { example, Id, Instant, Page, PageQuery, Strict } from './common.ts'
import { Role } from './roles.ts'
import { defineRoute } from './route.ts'

const State = Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true, description: 'What the act changed' })

const exampleEntry = {
  id: '6745f4f6a7b8c9d0e1f2a3b4', at: example.at, actorId: example.operatorId, role: 'ADMIN', requestId: example.requestId
}

/** One act of an operator, written with the act itself. */
export const AuditEntry = Strict({
  id: Id(),
  at: Instant(),
  actorId: Id(),
  role: Role,
  action: Type.String({ description: 'The operation' }),
  targetType: Type.Enum(['EVENT', 'REWARD', 'CLAIM', 'WEBHOOK']),
  targetId: Id(),
  before: Type.Optional(State),
  after: Type.Optional(State),
  note: Type.Optional(Type.String()),
  requestId: Type.String()
}, { examples: [{ ...exampleEntry, action: 'updateEvent', targetType: 'EVENT', targetId: example.eventId, before: { status: 'INACTIVE' }, after: { status: 'ACTIVE' } }] })
export type AuditEntry = Static<typeof AuditEntry>

export const listEventAudit = defineRoute({
  service: 'event-service',
  tag: 'Audit',
  operationId: 'listEventAudit',
  method: 'GET',
  url: '/v1/audit/events',
  access: ['ADMIN'],
  summary: 'What operators did to events, rewards and claims',
  schema: { querystring: PageQuery({}), response: { 200: Page(AuditEntry) } }
})

/** One act on an account or a machine client, written with the act itself. It holds no e-mail address and no name. */
export const AccountAuditEntry = Strict({ ...AuditEntry.properties, targetType: Type.Enum(['USER', 'CLIENT']) }, {
  examples: [{ ...exampleEntry, action: 'updateUser', targetType: 'USER', targetId: example.userId, before: { role: 'USER' }, after: { role: 'OPERATOR' } }]
})
export type AccountAuditEntry = Static<typeof AccountAuditEntry>

export const listAccountAudit = defineRoute({
  service: 'auth-service',
  tag: 'Audit',
  operationId: 'listAccountAudit',
  method: 'GET',
  url: '/v1/audit/accounts',
  access: ['ADMIN'],
  summary: 'What was done to accounts and machine clients',
  schema: { querystring: PageQuery({}), response: { 200: Page(AccountAuditEntry) } }
})
