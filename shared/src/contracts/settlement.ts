import { Type } from 'typebox'
import { defineRoute } from './route.ts'
import { ClaimFilters } from './schemas/claim-filters.ts'
import { Instant, Strict } from './schemas/common.ts'
import { exampleExport, Stats } from './schemas/settlement.ts'

const base = { service: 'event-service', tag: 'Settlement' } as const
const readers = ['OPERATOR', 'AUDITOR', 'ADMIN'] as const

export const exportClaims = defineRoute({
  ...base,
  operationId: 'exportClaims',
  method: 'GET',
  url: '/v1/claims/export',
  access: readers,
  summary: 'Export claims as CSV',
  description: 'Streams all claims that match every filter, oldest first: one line per reward of a claim, ' +
    'and one for a claim without rewards. ' +
    'With `grantedFrom` or `grantedTo` they are ordered by `grantedAt`, otherwise by `createdAt`. ' +
    'Spreadsheets can open the file directly: it begins with a byte order mark, and an apostrophe is added ' +
    'before text that would be a formula, and before ids and periods that would become a number or a date. ' +
    'If an error occurs, the connection is closed before the end of the file.',
  schema: {
    querystring: ClaimFilters,
    response: {
      200: Type.String({
        contentMediaType: 'text/csv',
        description: 'A CSV file (RFC 4180). `grantedLocal` is the time of the grant in the time zone of the event. ' +
          'AUDITORs do not see coupon codes.',
        examples: [exampleExport]
      })
    }
  }
})

export const getStats = defineRoute({
  ...base,
  operationId: 'getStats',
  method: 'GET',
  url: '/v1/stats',
  access: readers,
  summary: 'Get the totals of a time range',
  description: 'Returns the settlement: for each event, the number of claims by status and the granted units of ' +
    'every reward. With `grantedFrom` or `grantedTo`, only claims that were granted in ' +
    '`[grantedFrom, grantedTo)` count.',
  schema: {
    querystring: Strict({
      grantedFrom: Type.Optional(Instant('Only claims that were granted at or after this time.')),
      grantedTo: Type.Optional(Instant('Only claims that were granted before this time.'))
    }),
    response: { 200: Stats }
  }
})
