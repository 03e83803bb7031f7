import type { ListQuery } from '@laurel/shared/mongo'
import { callerOf } from '@laurel/shared/tokens'
import type { FastifyRequest } from 'fastify'

/**
 * Returns the page that a request asks for.
 * Its cursor belongs to the operation and to the role of the caller, besides the filters of the list.
 */
export function pageOf (request: FastifyRequest, { limit, cursor, order }: ListQuery): ListQuery {
  const { operationId } = request.routeOptions.config
  return { limit, cursor, order, scope: `${operationId} ${callerOf(request).role}` }
}
