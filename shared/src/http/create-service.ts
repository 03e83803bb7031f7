import type { DomainError } from '../errors.ts'
import { readJson } from './body.ts'
import { createServer, type Server } from './create-server.ts'
import { exposeMetrics } from './metrics.ts'
import { refuseOddRequests } from './odd-requests.ts'
import { refuseHostileText } from './validation.ts'

export interface ServiceOptions {
  readonly name: string
  readonly logLevel: string
  /** What this service's libraries throw, as a refusal; undefined where it is a bug. */
  readonly translate: (error: unknown) => DomainError | undefined
  readonly handlerTimeout?: number
}

/** Milliseconds: before the gateway gives up, so that the client hears from us. The driver can wait for a dead socket for ever. */
const defaultHandlerTimeout = 9000

/** A server behind the gateway: it takes the gateway's request ids, reads strict JSON and tells what it counts at `/metrics`. */
export function createService (options: ServiceOptions): Server {
  const app = createServer({ handlerTimeout: defaultHandlerTimeout, ...options, takesRequestId: true })
  refuseOddRequests(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, readJson(app))
  app.addHook('preValidation', (request, _reply, done) => {
    // No body, an empty one and {} are the same, so that a missing one is told field by field.
    if (request.body === undefined && request.method !== 'GET') request.body = {}
    refuseHostileText(request.body)
    refuseHostileText(request.query)
    done()
  })
  exposeMetrics(app)
  return app
}
