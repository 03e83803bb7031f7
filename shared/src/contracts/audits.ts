import { defineRoute } from './route.ts'
import { AccountAuditEntry, AuditEntry } from './schemas/audit.ts'
import { Page, PageQuery } from './schemas/pages.ts'

export const listEventAudit = defineRoute({
  service: 'event-service',
  tag: 'Audit',
  operationId: 'listEventAudit',
  method: 'GET',
  url: '/v1/audit/events',
  access: ['ADMIN'],
  summary: 'List changes to events, rewards, and claims',
  description: 'Returns who changed what and when. An entry is stored in the same transaction as the change.',
  schema: { querystring: PageQuery({}), response: { 200: Page(AuditEntry) } }
})

export const listAccountAudit = defineRoute({
  service: 'auth-service',
  tag: 'Audit',
  operationId: 'listAccountAudit',
  method: 'GET',
  url: '/v1/audit/accounts',
  access: ['ADMIN'],
  summary: 'List changes to accounts and machine clients',
  description: 'Returns who changed what and when. Entries contain neither email addresses nor names.',
  schema: { querystring: PageQuery({}), response: { 200: Page(AccountAuditEntry) } }
})
