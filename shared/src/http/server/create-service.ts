import type { DomainError } from '../../errors.ts'
import { hardenRequests } from '../hardening/request-hardening.ts'
import { addMetricsRoute } from '../observability/metrics.ts'
import type { Server } from '../server-type.ts'
import { rejectHostileText } from '../validation/hostile-text.ts'
import { createServer } from './create-server.ts'
import { createJsonParser } from './json-body.ts'

export interface ServiceOptions {
  readonly name: string
  readonly logLevel: string
  /** Turns an error of this service's libraries into a refusal. Returns `undefined` for a bug. */
  readonly translateError: (error: unknown) => DomainError | undefined
  /** In milliseconds. */
  readonly handlerTimeout?: number
}

/**
 * In milliseconds. Shorter than the gateway's timeout, so that the client gets the service's answer.
 * Without it a request could wait forever for a dead MongoDB socket.
 */
const defaultHandlerTimeout = 9000

/** Creates a server behind the gateway: it accepts the gateway's request ids, reads JSON and serves `/metrics`. */
export function createService (options: ServiceOptions): Server {
  const app = createServer({ handlerTimeout: defaultHandlerTimeout, ...options, acceptRequestId: true })
  hardenRequests(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, createJsonParser(app))
  app.addHook('preValidation', (request, _reply, done) => {
    // A missing body is validated as `{}`, so that the error names each missing property.
    if (request.body === undefined && request.method !== 'GET') request.body = {}
    rejectHostileText(request.body)
    rejectHostileText(request.query)
    done()
  })
  addMetricsRoute(app)
  return app
}
