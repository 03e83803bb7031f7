import { accountErrors } from './accounts.ts'
import { claimErrors } from './claims.ts'
import type { ErrorEntry } from './entry.ts'
import { eventErrors } from './events.ts'
import { httpErrors } from './http.ts'
import { serverErrors } from './server.ts'

export type { ErrorEntry }

const table = { ...httpErrors, ...accountErrors, ...eventErrors, ...claimErrors, ...serverErrors } as const

export type ErrorCode = keyof typeof table

/**
 * All error codes of the platform, each with its status, title, meaning and recommended action.
 * The problem documents, the OpenAPI document, and the pages under `/docs/errors/` are generated from this table.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = table

/** Returns the entry of a code, or `undefined` if the table does not have it. */
export function errorEntry (code: string): ErrorEntry | undefined {
  return Object.hasOwn(table, code) ? errorTable[code as ErrorCode] : undefined
}

/**
 * Returns the `type` of a problem document (RFC 9457, 3.1.1): the URI reference of the page about its code.
 * It is relative, because the gateway serves the page and can have any address.
 */
export function problemType (code: string): string {
  return errorEntry(code) === undefined ? 'about:blank' : `/docs/errors/${code}`
}

/** Returns a Markdown list of these codes and their meanings. */
export function describeCodes (codes: readonly ErrorCode[]): string {
  return codes.map(code => `- \`${code}\`: ${errorTable[code].meaning}`).join('\n')
}
