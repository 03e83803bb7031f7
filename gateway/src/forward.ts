import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply } from 'fastify'
import { BodyTooLarge, counted, declaresTooMuch, tooLarge } from './body-limit.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Answer, Upstream } from './upstream.ts'
import type { UpstreamTimer } from './upstream-time.ts'

/** Mounts one operation: exactly its method and URL, passed on as they came, never repeated. */
export async function forward (app: Server, contract: RouteContract, url: string, upstream: Upstream, timer: UpstreamTimer): Promise<void> {
  const limit = contract.bodyLimit ?? defaultBodyLimit
  await app.register(httpProxy, {
    upstream: url,
    routes: [contract.url],
    httpMethods: [contract.method],
    config: contract.config,
    // Its own client is not used, the handler below asks; this keeps it from making one.
    undici: upstream as object,
    preHandler (request, reply, done) {
      if (declaresTooMuch(request.headers['content-length'], limit)) {
        sendProblem(reply, ...tooLarge)
        return
      }
      if (request.body instanceof Readable && request.headers['content-length'] === undefined) request.body = counted(request.body, limit)
      done()
    },
    handler (request, reply, path) {
      timer.begin(request)
      const query = request.url.indexOf('?')
      upstream.request({
        method: contract.method,
        path: query === -1 ? path : path + request.url.slice(query),
        headers: requestHeaders(request),
        body: request.body as Readable | undefined
      }, (error, answer) => {
        timer.end(request, contract.service)
        if (answer === undefined) answerFailure(reply, error)
        else passOn(answer, reply)
      })
    }
  })
}

function passOn ({ statusCode, headers, body }: Answer, reply: FastifyReply): void {
  if (statusCode > 599) {
    answerFailure(reply, new Error(`There is no status ${statusCode}`))
    return
  }
  // The rest of a body that nobody has read would be taken for the next request.
  if (!reply.request.raw.complete) void reply.header('connection', 'close')
  void reply.code(statusCode).headers(responseHeaders(headers)).send(body)
}

// A connection that does not come about in time is none of these: that service is away.
const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Tells that a service did not answer, without its address or the library's words, which the log has. */
function answerFailure (reply: FastifyReply, error: Error | null): void {
  if (error instanceof BodyTooLarge) {
    sendProblem(reply, ...tooLarge)
    return
  }
  reply.request.log.warn({ err: error }, 'no answer from the service')
  if (timeouts.has(String((error as { code?: unknown } | null)?.code))) sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service behind did not answer in time')
  else sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service behind cannot be reached')
}
