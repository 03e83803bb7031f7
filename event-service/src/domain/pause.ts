import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import type { PauseRequest } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Audit } from './audit.ts'

/** A pause, during which nothing is granted: its reason, who started it, and when. */
export interface Pause {
  readonly reason: string
  readonly by: string
  readonly at: Date
}

/** The `Retry-After` for clients, in seconds. A pause usually takes minutes. */
const retryAfter = 30

/** Throws 503 `PAUSED` during a pause. */
export function requireNotPaused ({ pause }: { readonly pause?: Pause }): void {
  if (pause === undefined) return
  const sentence = `Granting is paused; retry after ${retryAfter} seconds.`
  throw new DomainError('unavailable', 'PAUSED', sentence, { retryAfter })
}

/** Returns the pause after a change, or `undefined` if there is none. Returns the same object if nothing changes. */
export function changePause (
  before: Pause | undefined, { paused, reason }: PauseRequest, { id: by }: Actor, at: Date
): Pause | undefined {
  if (!paused) return undefined
  return before?.reason === reason ? before : { reason, by, at }
}

export function auditOfPause (
  actor: Actor, { reason: note }: PauseRequest, before: Pause | undefined, after: Pause | undefined, at: Date
): Audit {
  return createAuditRecord(actor, {
    at,
    action: 'setPause',
    targetType: 'PLATFORM',
    targetId: 'platform',
    before: { paused: before !== undefined },
    after: { paused: after !== undefined },
    note
  })
}
