import { subscribe } from 'node:diagnostics_channel'
import { FastifyOtelInstrumentation } from '@fastify/otel'
import { context, propagation, trace } from '@opentelemetry/api'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { pathOf } from '../http/hardening/paths.ts'
import { polledOperations } from '../http/observability/request-log.ts'
import { pathForSpan } from './path.ts'

/**
 * Creates a span for every request to the Fastify servers that are created after this call, except polling requests.
 */
export function traceRequests (): void {
  const polledPaths = new Set<string>()
  new FastifyOtelInstrumentation({
    registerOnInitialization: true,
    instrumentHooks: false,
    instrumentHandler: false,
    ignorePaths (route) {
      // Called for each route, with a configuration, and then for each request, without one.
      const { url, config } = route as Pick<RouteOptions, 'url' | 'config'>
      if (polledOperations.has(config?.operationId)) polledPaths.add(url)
      return polledPaths.has(pathOf(url))
    },
    requestHook (span, request) {
      const { url: route } = request.routeOptions
      span.updateName(route === undefined ? request.method : `${request.method} ${route}`)
      span.setAttribute('url.path', pathForSpan(pathOf(request.url)))
      span.setAttribute('laurel.request_id', request.id)
      // From here on, `traceparent` refers to the span of this request: the log contains its trace id, and the gateway
      // forwards it.
      propagation.inject(trace.setSpan(context.active(), span), request.headers)
    }
  }).enable()
  // This runs after the subscription of the instrumentation.
  subscribe('fastify.initialization', message => { completeSpans((message as { fastify: FastifyInstance }).fastify) })
}

function completeSpans (app: FastifyInstance): void {
  app.addHook('onRoute', route => {
    // The instrumentation would mark each refusal as an error, with a message that may quote input of the client.
    delete route.onError
  })
  app.addHook('preValidation', (request, _reply, done) => {
    // Node.js loses the async context while it reads the body.
    const { context: own } = request.opentelemetry()
    if (own === null) done()
    else context.with(own, done)
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    const { span } = request.opentelemetry()
    if (request.errorCode !== null) span?.setAttribute('laurel.error_code', request.errorCode)
    done()
  })
}

interface OutgoingRequest {
  readonly headers: readonly string[]
  readonly addHeader: (name: string, value: string) => void
}

/** Adds `traceparent` to each `fetch` of a traced request. Requests that the gateway forwards already have it. */
export function traceInternalCalls (): void {
  subscribe('undici:request:create', message => {
    const { request } = message as { request: OutgoingRequest }
    if (request.headers.includes('traceparent')) return
    propagation.inject(context.active(), request, { set: (carrier, name, value) => { carrier.addHeader(name, value) } })
  })
}
