import { DomainError } from '@laurel/shared/errors'
import { translateMongoError } from '@laurel/shared/mongo'
import type { FastifyRequest } from 'fastify'
import { Failed } from '../batch.ts'

/** Why one item of a request was refused. */
interface ItemFailure {
  readonly ok: false
  readonly code: string
  readonly detail: string
}

/** Returns the failure of one item. Logs an unexpected error and does not send its details to the client. */
export function itemFailure (error: unknown, { log }: Pick<FastifyRequest, 'log'>): ItemFailure {
  const refusal = toRefusal(error)
  if (refusal !== undefined) return { ok: false, code: refusal.code, detail: refusal.message }
  log.error({ err: error }, 'one item of a request failed unexpectedly')
  return { ok: false, code: 'INTERNAL_ERROR', detail: 'Internal error' }
}

/** Throws the first failure (a 503) if the service is unavailable and no item could be decided. */
export function requireSomeDecided (outcomes: readonly unknown[]): void {
  const isUnavailable = (outcome: unknown): boolean =>
    outcome instanceof Failed && toRefusal(outcome.error)?.kind === 'unavailable'
  if (outcomes.every(isUnavailable)) throw (outcomes[0] as Failed).error
}

function toRefusal (error: unknown): DomainError | undefined {
  return error instanceof DomainError ? error : translateMongoError(error)
}
