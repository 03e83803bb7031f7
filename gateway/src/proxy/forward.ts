import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UpstreamMetrics } from '../metrics/upstream-metrics.ts'
import type { UpstreamResponse } from './attempt.ts'
import { BodyTooLargeError, isDeclaredTooLarge, readBody } from './bodies.ts'
import { UpstreamBusyError, UpstreamTimeoutError, type UpstreamRequest } from './exchange.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Upstream } from './upstream.ts'

export interface ForwardTarget {
  /** The base URL of the service. */
  readonly url: string
  readonly upstream: Upstream
  readonly metrics: UpstreamMetrics
}

/**
 * Mounts one operation with exactly its method and path. The path, the query and the body are forwarded unchanged, and
 * the headers as `headers.ts` lists.
 */
export async function forward (app: Server, contract: RouteContract, target: ForwardTarget): Promise<void> {
  const { url, upstream, metrics } = target
  const limit = contract.bodyLimit ?? defaultBodyLimit

  function send (request: FastifyRequest, reply: FastifyReply, path: string, body?: Buffer): void {
    const headers = requestHeaders(request)
    metrics.begin(request)
    const method = request.method as UpstreamRequest['method']
    upstream.request({ method, path, headers, body }, (error, response) => {
      metrics.end(request, contract.service)
      if (response === undefined) sendFailure(reply, error)
      else sendResponse(reply, response)
    })
  }

  await app.register(httpProxy, {
    upstream: url,
    routes: [contract.url],
    // A path that supports GET supports HEAD (RFC 9110, 9.3.2).
    httpMethods: contract.method === 'GET' ? ['GET', 'HEAD'] : [contract.method],
    config: contract.config,
    // The handler below sends every request itself. With the option `http`, the plugin creates no undici pool.
    http: {},
    handler (request, reply, path) {
      const pathAndQuery = path + queryOf(request.url)
      if (isDeclaredTooLarge(request.headers['content-length'], limit)) {
        refuseBody(reply, new BodyTooLargeError())
      } else if (request.body === undefined) {
        send(request, reply, pathAndQuery)
      } else {
        // The content type parsers of the plugin pass every body on as a stream, even JSON.
        readBody(request.body as Readable, limit).then(
          body => { send(request, reply, pathAndQuery, body) },
          (error: Error) => { refuseBody(reply, error) }
        )
      }
    }
  })
}

/** Returns the query string with its question mark, or an empty string. */
function queryOf (url: string): string {
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start)
}

/** Responds to a request whose body is too large or incomplete. The request was not sent to the service. */
function refuseBody (reply: FastifyReply, error: Error): void {
  closeIfUnread(reply)
  if (error instanceof BodyTooLargeError) {
    sendProblem(reply, 413, 'BODY_TOO_LARGE', 'The body is larger than this operation accepts.')
  } else {
    sendProblem(reply, 400, 'INVALID_BODY', 'The body is incomplete.')
  }
}

function sendResponse (reply: FastifyReply, { statusCode, headers, body }: UpstreamResponse): void {
  if (statusCode > 599) {
    if (body instanceof Readable) body.on('error', () => undefined).destroy()
    sendFailure(reply, new Error(`The service responded with the invalid status ${statusCode}`))
    return
  }
  closeIfUnread(reply)
  if (statusCode >= 400) reply.request.errorCode = readErrorCode(body)
  void reply.code(statusCode).headers(responseHeaders(headers)).send(body)
}

/** Returns the code of a problem document, for the log. */
function readErrorCode (body: Buffer | Readable): string | null {
  if (body instanceof Readable) return null
  return /"code":"([A-Z_]{1,64})"/.exec(body.toString('latin1', 0, 1024))?.[1] ?? null
}

/** Closes the connection after this response if some bytes of the request body are unread. */
function closeIfUnread (reply: FastifyReply): void {
  if (!reply.request.raw.complete) void reply.header('connection', 'close')
}

/** Responds with 504, 503 or 502. The details contain the address of the service, so they are only logged. */
function sendFailure (reply: FastifyReply, error: Error | null): void {
  closeIfUnread(reply)
  reply.request.log.warn({ err: error }, 'the service did not respond')
  if (error instanceof UpstreamBusyError) {
    sendProblem(reply, 503, 'SERVICE_UNAVAILABLE', 'The service is busy; retry after 1 second.', { retryAfter: 1 })
  } else if (error instanceof UpstreamTimeoutError) {
    sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service did not respond in time.')
  } else {
    sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service cannot be reached; retry later.')
  }
}
