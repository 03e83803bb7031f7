import { events as contract, type EventSummary } from '@laurel/shared/contracts'
import { etagOf, parseIfMatch, type Server } from '@laurel/shared/http'
import type { ListQuery, PageOf } from '@laurel/shared/mongo'
import { actorOf, callerOf } from '@laurel/shared/tokens'
import { coalesce } from '../coalesce.ts'
import { countOf, type CountCache } from '../cached-counts.ts'
import { auditOfClone, auditOfDeletedEvent, auditOfEventChange, auditOfNewEvent } from '../domain/audit.ts'
import { newEvent, patchEvent } from '../domain/event-changes.ts'
import { checkActivation, checkDeletable, cloneEvent } from '../domain/event-lifecycle.ts'
import { checkVersion, requireEvent, requireReadableEvent, readableStatus } from '../domain/event.ts'
import type { CouponStore } from '../stores/coupons.ts'
import type { EventFilter } from '../stores/event-queries.ts'
import type { EventStore } from '../stores/events.ts'
import { creationOf, markReplay } from './idempotency.ts'
import { serializeEvent, serializeEventSummary } from './serializers.ts'
import { sendShared, type SharedBody } from './shared-body.ts'

export interface EventRoutesOptions {
  readonly events: EventStore
  readonly unitCounts: CountCache
  readonly coupons: CouponStore
  /** The time zone of events that do not set one. */
  readonly defaultTimeZone: string
}

type EventListQuery = Omit<EventFilter, 'now'> & ListQuery

export async function eventRoutes (
  app: Server, { events, unitCounts, coupons, defaultTimeZone }: EventRoutesOptions
): Promise<void> {
  async function readPage (query: EventListQuery): Promise<SharedBody<PageOf<EventSummary>>> {
    const { status, phase, text, group, ...page } = query
    const now = new Date()
    const { data, nextCursor } = await events.list({ status, phase, text, group, now }, page)
    return { body: { data: data.map(event => serializeEventSummary(event, now)), nextCursor } }
  }
  const readSharedPage = coalesce(readPage)

  app.route({
    ...contract.createEvent,
    async handler (request, reply) {
      const now = new Date()
      const created = newEvent(request.body, defaultTimeZone, now)
      const audit = auditOfNewEvent(actorOf(request), created)
      const { event, replayed } = await events.insert(created, audit, creationOf(request), event => {
        checkActivation(null, event, now)
      })
      return await markReplay(reply, replayed)
        .code(201)
        .header('etag', etagOf(event.version))
        .send(serializeEvent(event, await countOf(unitCounts, event, now), now))
    }
  })

  app.route({
    ...contract.listEvents,
    async handler (request, reply) {
      const { status: requested, phase, q: text, group, ...page } = request.query
      const status = readableStatus(requested, callerOf(request).role)
      if (status === null) return { data: [], nextCursor: null }
      return sendShared(reply, await readSharedPage({ status, phase, text, group, ...page }))
    }
  })

  app.route({
    ...contract.getEvent,
    async handler (request, reply) {
      const event = requireReadableEvent(await events.find(request.params.eventId), callerOf(request).role)
      const now = new Date()
      return await reply
        .header('etag', etagOf(event.version))
        .send(serializeEvent(event, await countOf(unitCounts, event, now), now))
    }
  })

  app.route({
    ...contract.updateEvent,
    async handler (request, reply) {
      const now = new Date()
      const isCurrent = parseIfMatch(request.headers['if-match'])
      const event = await events.update(request.params.eventId, event => {
        checkVersion(event, isCurrent)
        const changed = patchEvent(event, request.body, now)
        checkActivation(event, changed, now)
        return changed
      }, (before, after) => auditOfEventChange(actorOf(request), before, after))
      return await reply
        .header('etag', etagOf(event.version))
        .send(serializeEvent(event, await countOf(unitCounts, event, now), now))
    }
  })

  app.route({
    ...contract.deleteEvent,
    async handler (request, reply) {
      const { eventId } = request.params
      await events.delete(eventId, checkDeletable, event => auditOfDeletedEvent(actorOf(request), event, new Date()))
      await coupons.remove({ eventId })
      return await reply.code(204).send(null)
    }
  })

  app.route({
    ...contract.cloneEvent,
    async handler (request, reply) {
      const now = new Date()
      const source = requireEvent(await events.find(request.params.eventId))
      const clone = cloneEvent(source, request.body, now)
      await events.insert(clone, auditOfClone(actorOf(request), source, clone))
      return await reply
        .code(201)
        .header('etag', etagOf(clone.version))
        .send(serializeEvent(clone, await countOf(unitCounts, clone, now), now))
    }
  })
}
