import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { BodyTooLarge, counted, declaresTooMuch, tooLarge } from './body-limit.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import type { Upstream } from './upstream.ts'
import type { UpstreamTimer } from './upstream-time.ts'

/** Mounts one operation: exactly its method and URL, passed on as they came, never repeated. */
export async function forward (app: Server, contract: RouteContract, url: string, upstream: Upstream, timer: UpstreamTimer): Promise<void> {
  const limit = contract.bodyLimit ?? defaultBodyLimit
  await app.register(httpProxy, {
    upstream: url,
    routes: [contract.url],
    httpMethods: [contract.method],
    config: contract.config,
    undici: upstream as object,
    disableCache: true,
    disableRequestLogging: true,
    preHandler (request, reply, done) {
      if (declaresTooMuch(request.headers['content-length'], limit)) {
        sendProblem(reply, ...tooLarge)
        return
      }
      if (request.body instanceof Readable && request.headers['content-length'] === undefined) request.body = counted(request.body, limit)
      done()
    },
    replyOptions: {
      rewriteRequestHeaders (request, headers) {
        timer.begin(request as FastifyRequest)
        return requestHeaders(request as FastifyRequest, headers)
      },
      rewriteHeaders (headers, request) {
        timer.end(request as FastifyRequest, contract.service)
        return responseHeaders(headers)
      },
      // http-proxy repeats a GET that met 503 unless it is told not to.
      retriesCount: 0,
      retryDelay: () => null,
      onError (reply, { error }) {
        timer.end(reply.request as FastifyRequest, contract.service)
        answerFailure(reply as FastifyReply, error)
      }
    }
  })
}

// A connection that does not come about in time is none of these: that service is away.
const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Tells that a service did not answer, without its address or the library's words. */
function answerFailure (reply: FastifyReply, error: Error): FastifyReply {
  if (error.cause instanceof BodyTooLarge) return sendProblem(reply, ...tooLarge)
  return timeouts.has(String((error.cause as { code?: unknown } | undefined)?.code))
    ? sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service behind did not answer in time')
    : sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service behind cannot be reached')
}
