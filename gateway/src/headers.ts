import type { Server } from '@laurel/shared/http'
import type { FastifyRequest } from 'fastify'

export type Headers = Record<string, string | string[] | undefined>

/** The request headers that a service reads, `content-length` apart. Nothing else goes through: what a client adds cannot reach further. */
const passed = ['accept', 'authorization', 'content-type', 'idempotency-key', 'if-match', 'user-agent'] as const

type Asked = Pick<FastifyRequest, 'id' | 'ip' | 'traceparent' | 'headers'>

/** The headers that a service gets: the allowed ones, and ours. */
export function requestHeaders ({ id, ip, traceparent, headers }: Asked): Headers {
  const kept: Headers = { 'x-request-id': id, 'x-forwarded-for': ip, traceparent }
  const listed = listedIn(headers.connection)
  for (const name of passed) {
    if (headers[name] !== undefined && !listed.includes(name)) kept[name] = headers[name]
  }
  return kept
}

/** What speaks of one connection only (RFC 9110, 7.6.1), of what runs behind us, or is ours to say. */
const dropped = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'server', 'x-powered-by', 'x-request-id'
])

/** The headers of a service's answer that a client gets; what `connection` lists is of that connection only, too. */
export function responseHeaders (headers: Headers): Headers {
  const kept: Headers = {}
  const listed = listedIn(headers['connection'])
  for (const name in headers) {
    if (!dropped.has(name) && !listed.includes(name)) kept[name] = headers[name]
  }
  return kept
}

const none: readonly string[] = []

/** The names of headers that `connection` says are of this connection only. */
function listedIn (connection: string | string[] | undefined): readonly string[] {
  return connection === undefined || connection === 'keep-alive' ? none : String(connection).toLowerCase().split(',').map(name => name.trim())
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
