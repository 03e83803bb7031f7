import type { Role } from '@laurel/shared/contracts'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyRequest } from 'fastify'
import type { Actor } from '../domain/audit.ts'

/** The person behind a request, for the audit; SERVICE has no operation that is audited. */
export function actorOf (request: FastifyRequest): Actor {
  const { id, role } = callerOf(request)
  return { id, role: role as Role, requestId: request.id }
}
