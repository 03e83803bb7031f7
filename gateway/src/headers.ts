import type { Server } from '@laurel/shared/http'

type Headers = Record<string, string | string[] | undefined>

/** The request headers that a service reads. Nothing else goes through: what a client adds cannot reach further. */
const passed = ['accept', 'authorization', 'content-length', 'content-type', 'idempotency-key', 'if-match', 'user-agent'] as const

/** The headers that a service gets: the allowed ones, ours, and the upstream's own `host`. */
export function requestHeaders (request: { readonly id: string, readonly ip: string, readonly traceparent: string }, headers: Headers): Headers {
  const kept: Headers = { host: headers.host, 'x-request-id': request.id, 'x-forwarded-for': request.ip, traceparent: request.traceparent }
  for (const name of passed) {
    if (headers[name] !== undefined) kept[name] = headers[name]
  }
  return kept
}

/** What speaks of one connection only (RFC 9110, 7.6.1), of what runs behind us, or is ours to say. */
const dropped = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'server', 'x-powered-by', 'x-request-id'
])

/** The headers of a service's answer that a client gets; what `connection` lists is of that connection only, too. */
export function responseHeaders<H extends Record<string, unknown>> (headers: H): H {
  const listed = String(headers['connection']).toLowerCase().split(',').map(name => name.trim())
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name) && !listed.includes(name))) as H
}

/** What every answer says to a browser; where we speak TLS, also that nothing else is to be spoken with us (RFC 6797). */
export function addSafetyHeaders (app: Server, tls: boolean): void {
  const headers = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(tls ? { 'strict-transport-security': 'max-age=31536000' } : {})
  }
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers)
    done()
  })
}
