import { auditOf } from '@laurel/shared/audit'
import { events as contract, type CallerRole, type EventSummary } from '@laurel/shared/contracts'
import { DomainError } from '@laurel/shared/errors'
import { etagOf, ifMatch, type Server } from '@laurel/shared/http'
import type { ListQuery, PageOf } from '@laurel/shared/mongo'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import type { Counts } from '../counts.ts'
import { changesBetween, toJson } from '../domain/audit.ts'
import { eventNotFound, newEvent, patchEvent, type RewardEvent } from '../domain/event.ts'
import { coalesce } from '../coalesce.ts'
import type { EventFilter, EventStore } from '../stores/events.ts'
import { showEvent, showEventSummary } from './answers.ts'
import { creationOf, noteReplay } from './idempotency.ts'
import { sendShared, type SharedBody } from './shared-body.ts'

export interface EventRoutesOptions {
  readonly events: EventStore
  readonly counts: Counts
  /** IANA name, for events that name none. */
  readonly defaultTimeZone: string
}

/** The event as somebody of this role meets it: for a USER there are ACTIVE ones only. */
export async function findVisible (events: EventStore, eventId: string, role: CallerRole): Promise<RewardEvent> {
  const event = await events.find(eventId)
  if (event === null || (role === 'USER' && event.status !== 'ACTIVE')) throw eventNotFound()
  return event
}

/** What an audit tells of an event: what an operator can set. */
function asFields ({ id, rewards, version, createdAt, updatedAt, activatedAt, ...fields }: RewardEvent): Readonly<Record<string, unknown>> {
  return toJson(fields)
}

export async function eventRoutes (app: Server, { events, counts, defaultTimeZone }: EventRoutesOptions): Promise<void> {
  const readList = coalesce(async ({ status, phase, text, ...page }: Omit<EventFilter, 'now'> & ListQuery): Promise<SharedBody<PageOf<EventSummary>>> => {
    const now = new Date()
    const { data, nextCursor } = await events.list({ status, phase, text, now }, page)
    return { body: { data: data.map(event => showEventSummary(event, now)), nextCursor } }
  })

  app.route({
    ...contract.createEvent,
    async handler (request, reply) {
      const now = new Date()
      const made = newEvent(request.body, defaultTimeZone, now)
      const audit = auditOf(actorOf(request), { at: now, action: 'createEvent', targetType: 'EVENT', targetId: made.id, after: asFields(made) })
      const { event, replayed } = await events.insert(made, audit, creationOf(request))
      return await noteReplay(reply, replayed)
        .code(201)
        .header('etag', etagOf(event.version))
        .send(showEvent(event, await counts.of(event.id), now))
    }
  })

  app.route({
    ...contract.listEvents,
    async handler (request, reply) {
      const { status, phase, q, ...page } = request.query
      const isUser = callerOf(request).role === 'USER'
      if (isUser && status === 'INACTIVE') return { data: [], nextCursor: null }
      return sendShared(reply, await readList({ status: isUser ? 'ACTIVE' : status, phase, text: q, ...page }))
    }
  })

  app.route({
    ...contract.getEvent,
    async handler (request, reply) {
      const event = await findVisible(events, request.params.eventId, callerOf(request).role)
      return await reply.header('etag', etagOf(event.version)).send(showEvent(event, await counts.of(event.id), new Date()))
    }
  })

  app.route({
    ...contract.updateEvent,
    async handler (request, reply) {
      const now = new Date()
      const isCurrent = ifMatch(request.headers['if-match'])
      const event = await events.update(request.params.eventId, event => {
        if (!isCurrent(event.version)) throw new DomainError('stale', 'PRECONDITION_FAILED', 'The event has changed since')
        return patchEvent(event, request.body, now)
      }, (before, after) => auditOf(actorOf(request), {
        at: now, action: 'updateEvent', targetType: 'EVENT', targetId: before.id, ...changesBetween(asFields(before), asFields(after))
      }))
      return await reply.header('etag', etagOf(event.version)).send(showEvent(event, await counts.of(event.id), now))
    }
  })
}
