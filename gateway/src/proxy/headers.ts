import type { FastifyRequest } from 'fastify'

export type Headers = Record<string, string | string[] | undefined>

/** The request headers that are forwarded to a service, in addition to `content-length`. All others are removed. */
const forwardedHeaders = [
  'accept',
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'user-agent'
] as const

type IncomingRequest = Pick<FastifyRequest, 'id' | 'clientAddress' | 'traceparent' | 'headers'>

/** Returns the headers that a service receives: the allowed headers of the client and those that the gateway adds. */
export function requestHeaders ({ id, clientAddress, traceparent, headers }: IncomingRequest): Headers {
  const kept: Headers = { 'x-request-id': id, 'x-forwarded-for': clientAddress, traceparent }
  const hopByHop = connectionOptions(headers.connection)
  for (const name of forwardedHeaders) {
    if (headers[name] !== undefined && !hopByHop.includes(name)) kept[name] = headers[name]
  }
  return kept
}

/** The response headers that are forwarded to a client. All others are removed. */
const returnedHeaders = [
  'allow',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-type',
  'etag',
  'idempotent-replayed',
  'last-modified',
  'retry-after',
  'www-authenticate'
] as const

/** Returns the response headers that a client receives. */
export function responseHeaders (headers: Headers): Headers {
  const kept: Headers = {}
  const hopByHop = connectionOptions(headers['connection'])
  for (const name of returnedHeaders) {
    if (headers[name] !== undefined && !hopByHop.includes(name)) kept[name] = headers[name]
  }
  return kept
}

const none: readonly string[] = []

/** Returns the header names that `connection` lists. These headers apply only to this connection. */
function connectionOptions (connection: string | string[] | undefined): readonly string[] {
  if (connection === undefined || connection === 'keep-alive') return none
  return String(connection).toLowerCase().split(',').map(name => name.trim())
}
