import { createHash } from 'node:crypto'
import type { FastifyRequest, onSendHookHandler } from 'fastify'
import { invalidField } from '../../errors.ts'
import type { Server } from '../server-type.ts'

const checksumLength = 16
const ownLists = '/v1/users/me/'

interface ListRequest {
  readonly limit?: number
  cursor?: string
}

// The cursor is at the end of a page. Some pages are serialized once and shared, so the cursor is replaced in the text.
const nextCursor = /"nextCursor":"([\w-]+)"}$/

/**
 * Binds the cursor of every list to its operation, path parameters, filters, and the role of the caller. In a list of
 * the caller's own entries, the cursor is also bound to the caller. A cursor that is used anywhere else is
 * `VALIDATION_FAILED`: it could skip entries or continue in another list. The binding is a checksum and does not
 * protect a secret: a cursor is a position in a list that its owner may read.
 */
export function bindCursors (app: Server): void {
  app.addHook('onRoute', route => {
    const { properties } = (route.schema?.querystring ?? {}) as { properties?: object }
    if (properties === undefined || !('cursor' in properties)) return
    route.preHandler = [route.preHandler ?? []].flat().concat((request, _reply, done) => {
      const query = request.query as ListRequest
      if (query.cursor !== undefined) query.cursor = unbind(query.cursor, request)
      done()
    })
    // First, because the hook that Fastify adds to HEAD measures the page for `content-length` and removes it.
    const bindPage: onSendHookHandler = (request, _reply, payload, done) => {
      done(null, typeof payload === 'string' ? bindNextCursor(payload, request) : payload)
    }
    route.onSend = [bindPage, ...[route.onSend ?? []].flat()]
  })
}

function bindNextCursor (page: string, request: FastifyRequest): string {
  const start = page.lastIndexOf('"nextCursor"')
  if (start === -1) return page
  const end = page.slice(start).replace(nextCursor, (_, cursor: string) => `"nextCursor":"${bind(cursor, request)}"}`)
  return page.slice(0, start) + end
}

function bind (cursor: string, request: FastifyRequest): string {
  return checksum(cursor, request) + cursor
}

function unbind (bound: string, request: FastifyRequest): string {
  const cursor = bound.slice(checksumLength)
  if (bound !== bind(cursor, request)) throw invalidField('/cursor', 'is not a cursor of this list')
  return cursor
}

function checksum (cursor: string, { routeOptions, params, query, caller }: FastifyRequest): string {
  const { cursor: _cursor, limit: _limit, ...filters } = query as ListRequest
  const owner = routeOptions.url?.startsWith(ownLists) === true ? caller?.id : undefined
  const list = [routeOptions.config.operationId, params, Object.entries(filters).sort(), caller?.role, owner]
  return createHash('sha256').update(JSON.stringify([...list, cursor])).digest('base64url').slice(0, checksumLength)
}
