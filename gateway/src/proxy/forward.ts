import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { UpstreamTimer } from '../metrics/upstream-metrics.ts'
import { BodyTooLarge, isDeclaredTooLarge, readBody } from './bodies.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { UpstreamResponse } from './response-collector.ts'
import type { Upstream } from './upstream.ts'

export interface ForwardTarget {
  /** The base URL of the service. */
  readonly url: string
  readonly upstream: Upstream
  readonly timer: UpstreamTimer
}

/** Mounts one operation: exactly its method and path. A request is forwarded as it came and never repeated. */
export async function forward (app: Server, contract: RouteContract, target: ForwardTarget): Promise<void> {
  const { url, upstream, timer } = target
  const limit = contract.bodyLimit ?? defaultBodyLimit

  function send (request: FastifyRequest, reply: FastifyReply, path: string, body?: Buffer): void {
    const headers = requestHeaders(request)
    timer.begin(request)
    upstream.request({ method: contract.method, path, headers, body }, (error, response) => {
      timer.end(request, contract.service)
      if (response === undefined) sendFailure(reply, error)
      else sendResponse(reply, response)
    })
  }

  await app.register(httpProxy, {
    upstream: url,
    routes: [contract.url],
    httpMethods: [contract.method],
    config: contract.config,
    // The handler below sends every request itself. With `http` the plugin creates no undici pool of its own.
    http: {},
    handler (request, reply, path) {
      const target = path + queryOf(request.url)
      if (isDeclaredTooLarge(request.headers['content-length'], limit)) {
        refuseBody(reply, new BodyTooLarge())
      } else if (request.body === undefined) {
        send(request, reply, target)
      } else {
        readBody(request.body as Readable, limit).then(
          body => { send(request, reply, target, body) },
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

/** Answers a request whose body is too large or incomplete. No service was asked. */
function refuseBody (reply: FastifyReply, error: Error): void {
  closeIfUnread(reply)
  if (error instanceof BodyTooLarge) {
    sendProblem(reply, 413, 'BODY_TOO_LARGE', 'The body is larger than this operation accepts.')
  } else {
    sendProblem(reply, 400, 'INVALID_BODY', 'The body ended before it was complete.')
  }
}

function sendResponse (reply: FastifyReply, { statusCode, headers, body }: UpstreamResponse): void {
  if (statusCode > 599) {
    if (body instanceof Readable) body.on('error', () => undefined).destroy()
    sendFailure(reply, new Error(`The service answered with the invalid status ${statusCode}`))
    return
  }
  closeIfUnread(reply)
  void reply.code(statusCode).headers(responseHeaders(headers)).send(body)
}

/** Closes the connection with this answer if unread bytes of the body precede the next request on it. */
function closeIfUnread (reply: FastifyReply): void {
  if (!reply.request.raw.complete) void reply.header('connection', 'close')
}

// A connection that is not established in time is not among them: that service is unavailable.
const timeoutCodes = new Set<unknown>(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Answers 504 or 502. The details, which name the service's address, go to the log only. */
function sendFailure (reply: FastifyReply, error: Error | null): void {
  closeIfUnread(reply)
  reply.request.log.warn({ err: error }, 'the service did not answer')
  if (timeoutCodes.has((error as { code?: unknown } | null)?.code)) {
    sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service did not answer in time.')
  } else {
    sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service cannot be reached.')
  }
}
