import { sessions as contract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { parseInstant } from '@laurel/shared/instant'
import { callerOf } from '@laurel/shared/tokens'
import { idleSince, revocationTime, sessionNotFound, type Lifetimes } from '../domain/session.ts'
import type { RevocationStore } from '../stores/revocations.ts'
import type { SessionStore } from '../stores/sessions.ts'
import { serializeSession } from './serializers.ts'

export interface SessionRoutesOptions {
  readonly sessions: SessionStore
  readonly revocations: RevocationStore
  readonly lifetimes: Lifetimes
}

export async function sessionRoutes (app: Server, options: SessionRoutesOptions): Promise<void> {
  const { sessions, revocations, lifetimes } = options

  app.route({
    ...contract.listMySessions,
    async handler (request) {
      const { id, sessionId } = callerOf(request)
      const at = new Date()
      const live = { at, idleSince: idleSince(at, lifetimes) }
      const { data, nextCursor } = await sessions.list(id, live, request.query)
      return { data: data.map(session => serializeSession(session, lifetimes, sessionId)), nextCursor }
    }
  })

  app.route({
    ...contract.endMySession,
    async handler (request, reply) {
      const ended = await sessions.end(request.params.sessionId, new Date(), callerOf(request).id)
      if (!ended) throw sessionNotFound()
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.listRevocations,
    async handler ({ query: { since } }) {
      const asOf = new Date()
      const earliest = asOf.getTime() - revocationTime(lifetimes)
      const found = await revocations.findSince(new Date(Math.max(earliest, Number(parseInstant(since) ?? 0))))
      return {
        asOf: asOf.toISOString(),
        revocations: found.map(({ sessionId, at }) => ({ sessionId, at: at.toISOString() }))
      }
    }
  })
}
