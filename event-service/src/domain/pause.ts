import { createAuditRecord, type Actor } from '@laurel/shared/audit'
import type { PauseRequest } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import type { Audit } from './audit.ts'

/** That nothing is granted at the moment: why, who said so, and since when. */
export interface Pause {
  readonly reason: string
  readonly by: string
  readonly at: Date
}

/** In seconds: when clients try again. A pause takes minutes rather than seconds. */
const retryAfter = 30

/** Throws 503 `PAUSED` while nothing is granted. */
export function requireNotPaused ({ pause }: { readonly pause?: Pause }): void {
  if (pause === undefined) return
  const sentence = `Granting is paused; retry after ${retryAfter} seconds.`
  throw new DomainError('unavailable', 'PAUSED', sentence, { retryAfter })
}

/** Returns the pause after a change, `undefined` if there is none; the same object if nothing changes. */
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
