import { Readable } from 'node:stream'
import httpProxy from '@fastify/http-proxy'
import { defaultBodyLimit, type RouteContract } from '@laurel/shared/contracts'
import { sendProblem, type Server } from '@laurel/shared/http'
import type { FastifyReply } from 'fastify'
import { BodyTooLarge, declaresTooMuch, takeIn, tooLarge } from './bodies.ts'
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
    handler (request, reply, path) {
      const send = (body?: Buffer): void => {
        timer.begin(request)
        upstream.request({ method: contract.method, path: path + queryOf(request.url), headers: requestHeaders(request), body }, (error, answer) => {
          timer.end(request, contract.service)
          if (answer === undefined) answerFailure(reply, error)
          else passOn(answer, reply)
        })
      }
      if (declaresTooMuch(request.headers['content-length'], limit)) refuseBody(reply, new BodyTooLarge())
      else if (request.body === undefined) send()
      else takeIn(request.body as Readable, limit).then(send, (error: Error) => { refuseBody(reply, error) })
    }
  })
}

function queryOf (url: string): string {
  const begin = url.indexOf('?')
  return begin === -1 ? '' : url.slice(begin)
}

/** What is wrong with a body is the client's matter: no service was asked. */
function refuseBody (reply: FastifyReply, error: Error): void {
  endUnread(reply)
  if (error instanceof BodyTooLarge) sendProblem(reply, ...tooLarge)
  else sendProblem(reply, 400, 'INVALID_BODY', 'The body has broken off')
}

function passOn ({ statusCode, headers, body }: Answer, reply: FastifyReply): void {
  if (statusCode > 599) {
    if (body instanceof Readable) body.on('error', () => undefined).destroy()
    answerFailure(reply, new Error(`There is no status ${statusCode}`))
    return
  }
  endUnread(reply)
  void reply.code(statusCode).headers(responseHeaders(headers)).send(body)
}

/** The rest of a body that nobody has read stands before the next request: the connection ends with this answer. */
function endUnread (reply: FastifyReply): void {
  if (!reply.request.raw.complete) void reply.header('connection', 'close')
}

// A connection that does not come about in time is none of these: that service is away.
const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** Tells that a service did not answer, without its address or the library's words, which the log has. */
function answerFailure (reply: FastifyReply, error: Error | null): void {
  endUnread(reply)
  reply.request.log.warn({ err: error }, 'no answer from the service')
  if (timeouts.has(String((error as { code?: unknown } | null)?.code))) sendProblem(reply, 504, 'UPSTREAM_TIMEOUT', 'The service behind did not answer in time')
  else sendProblem(reply, 502, 'UPSTREAM_UNAVAILABLE', 'The service behind cannot be reached')
}
