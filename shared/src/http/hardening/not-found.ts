import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'
import type { MethodTable } from './method-table.ts'

export const notFoundDetail = 'There is no resource at this path.'

/** Adds `app.sendNotFound` and uses it for every request without a route. */
export function addNotFoundHandler (app: Server, methods: MethodTable): void {
  app.decorate('sendNotFound', (request: FastifyRequest, reply: FastifyReply) => {
    const allowed = methods.allowedAt(request.url)
    // The method is allowed if the route exists but found nothing, such as a missing file.
    if (allowed.length === 0 || allowed.includes(request.method)) {
      return sendProblem(reply, 404, 'NOT_FOUND', notFoundDetail)
    }
    const list = allowed.join(', ')
    return sendProblem(reply.header('allow', list), 405, 'METHOD_NOT_ALLOWED', `Allowed methods: ${list}.`)
  })
  app.setNotFoundHandler(app.sendNotFound)
}
