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
 * Every code of the platform: its status, a title, what it means, and what to do.
 * The problem documents, the OpenAPI document, and the pages under `/docs/errors/` are made from it.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = table

/** Returns the entry of a code, or `undefined` if the table does not have it. */
export function errorEntry (code: string): ErrorEntry | undefined {
  return Object.hasOwn(table, code) ? errorTable[code as ErrorCode] : undefined
}

/**
 * Returns the `type` of a problem document (RFC 9457, 3.1.1): the URI reference of the page about its code.
 * It is relative, because the gateway serves the page, at any address.
 */
export function problemType (code: string): string {
  return errorEntry(code) === undefined ? 'about:blank' : `/docs/errors/${code}`
}

/** Returns a Markdown list of what these codes mean. */
export function describeCodes (codes: readonly ErrorCode[]): string {
  return codes.map(code => `- \`${code}\`: ${errorTable[code].meaning}`).join('\n')
}
