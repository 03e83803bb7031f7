import type { DomainError } from '../../errors.ts'
import { hardenRequests } from '../hardening/request-hardening.ts'
import { addMetricsRoute } from '../observability/metrics.ts'
import type { Server } from '../server-type.ts'
import { checkQueryText } from '../validation/query-text.ts'
import { createServer } from './create-server.ts'
import { bindCursors } from './cursor-binding.ts'
import { addHandlerDeadline } from './handler-deadline.ts'
import { parseJsonBody } from './json-body.ts'

export interface ServiceOptions {
  readonly name: string
  readonly logLevel: string
  /** Turns an error of this service's libraries into a refusal. Returns `undefined` for a bug. */
  readonly translateError: (error: unknown) => DomainError | undefined
  /** How long a request may take before it gets 503, in milliseconds. */
  readonly handlerTimeout?: number
}

/**
 * The default of `handlerTimeout`, in milliseconds. It is shorter than the gateway's timeout, so that the client gets
 * the response of the service. Without it, a request could wait forever for a dead MongoDB socket.
 */
const defaultHandlerTimeout = 9000

/**
 * Loopback and private networks (RFC 1918, RFC 4193, RFC 4291), where the gateway can run. It overwrites
 * `X-Forwarded-For` with the address of its client.
 */
const privateNetworks = '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,::1,fc00::/7,fe80::/10'

const bodiless = new Set(['GET', 'HEAD'])

/** Creates a server behind the gateway: it accepts the gateway's request ids, reads JSON and serves `/metrics`. */
export function createService (options: ServiceOptions): Server {
  const { handlerTimeout = defaultHandlerTimeout, ...serverOptions } = options
  const app = createServer({ ...serverOptions, acceptRequestId: true, trustProxy: privateNetworks })
  addHandlerDeadline(app, handlerTimeout)
  hardenRequests(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parseJsonBody)
  app.addHook('preValidation', (request, _reply, done) => {
    // A missing body is validated as `{}`, so that the error names each missing property.
    if (request.body === undefined && !bodiless.has(request.method)) request.body = {}
    checkQueryText(request.query as Record<string, string | string[]>)
    done()
  })
  bindCursors(app)
  addMetricsRoute(app)
  return app
}
