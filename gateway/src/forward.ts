import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply } from 'fastify'
import { Pool } from 'undici'
import { BodyTooLarge, counted, declaresTooMuch, tooLarge } from './body-limit.ts'
import { requestHeaders, responseHeaders } from './headers.ts'

/** Milliseconds. */
const connectTimeout = 800
export const defaultAnswerTimeout = 10_000
const connections = 128

/**
 * The connections to one service.
 * They are let go of long before the service closes them, so that a request is never sent into a closing one.
 */
export function createPool (url: string, answerTimeout: number): Pool {
  return new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeout, rejectUnauthorized: true },
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000
  })
}

/** Mounts one operation: exactly its method and URL, passed on as they came, never repeated. */
export async function forward (app: Server, contract: RouteContract, url: string, pool: Pool): Promise<void> {
  const limit = contract.bodyLimit ?? defaultBodyLimit
  await app.register(httpProxy, {
    upstream: url,
    routes: [contract.url],
    httpMethods: [contract.method],
    config: contract.config,
    undici: pool,
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
      rewriteRequestHeaders: requestHeaders,
      rewriteHeaders: responseHeaders,
      // http-proxy repeats a GET that met 503 unless it is told not to.
      retriesCount: 0,
      retryDelay: () => null,
      onError: (reply, { error }) => { answerFailure(reply as FastifyReply, error) }
    }
  })
}

/** Tells that a service did not answer, without its address or the library's words. */
function answerFailure (reply: FastifyReply, error: Error): FastifyReply {
  if (error.cause instanceof BodyTooLarge) return sendProblem(reply, ...tooLarge)
  // The library calls it a timeout too where not even a connection came about: that service is away.
  return 'code' in error && error.code === 'FST_REPLY_FROM_GATEWAY_TIMEOUT'
    ? sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service behind did not answer in time')
    : sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service behind cannot be reached')
}
