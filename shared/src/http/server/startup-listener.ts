import { randomUUID } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { safetyHeaders } from '../hardening/safety-headers.ts'
import { createProblem } from '../problem/problem.ts'
import { handshakeTimeout, protocolOptions, type TlsOptions } from './protocol-options.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** Absent: plain HTTP. */
  readonly tls?: TlsOptions | undefined
}

/** A response header which says that the request was not processed, so that it can be retried on another instance. */
export const notProcessed = 'x-laurel-not-processed'

/**
 * Listens in place of a server that is still being built: `/health/live` is 200, everything else is 503.
 * Returns a function that frees the address.
 */
export async function listenDuringStartup ({ host, port, tls }: Address): Promise<() => Promise<void>> {
  const listener = createListener(safetyHeaders(tls !== undefined))
  const server: Server = tls === undefined
    ? createServer(protocolOptions, listener)
    : createTlsServer({ handshakeTimeout, ...protocolOptions, ...tls }, listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, resolve)
  })
  return async () => {
    const closed = new Promise(resolve => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}

function createListener (safety: Readonly<Record<string, string>>): RequestListener {
  return ({ method, url }, response) => {
    const isLive = url === '/health/live' && (method === 'GET' || method === 'HEAD')
    const id = randomUUID()
    const body = JSON.stringify(isLive
      ? { status: 'ok' }
      : createProblem(503, 'NOT_READY', 'The server is starting; retry after 1 second.', id))
    response.writeHead(isLive ? 200 : 503, {
      'content-type': isLive ? 'application/json; charset=utf-8' : 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-request-id': id,
      ...safety,
      ...(isLive ? {} : { 'retry-after': '1', [notProcessed]: 'true' }),
      connection: 'close'
    })
    response.end(body)
  }
}
