import type { Server } from '../server-type.ts'

/** Sets `request.traceparent`. */
export function addTraceContext (app: Server): void {
  app.decorateRequest('traceparent', '')
  app.addHook('onRequest', (request, _reply, done) => {
    request.traceparent = readTraceparent(request.headers['traceparent'], request.id)
    done()
  })
}

// W3C Trace Context, 3.2: ids are not all zeros, and version ff is invalid.
const validTraceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Returns the `traceparent` header if it is valid. Otherwise starts a trace named after the request id. */
export function readTraceparent (header: unknown, requestId: string): string {
  if (typeof header === 'string' && validTraceparent.test(header)) return header
  const id = requestId.replaceAll('-', '')
  return `00-${id}-${id.slice(16)}-00`
}

/** Returns the trace id of a valid `traceparent`. */
export function traceIdOf (traceparent: string): string {
  return traceparent.slice(3, 35)
}
