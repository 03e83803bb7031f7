import type { FastifyReply } from 'fastify'
import { DomainError } from '../../errors.ts'
import { sendProblem } from '../problem/problem.ts'
import type { Server } from '../server-type.ts'

/** How often pending requests are checked within one timeout. This limits how late they get their response. */
const checksPerTimeout = 20

/**
 * Responds with 503 to every request without a response after `timeout` milliseconds, or with 408 if its body has not
 * arrived.
 *
 * There is no limit for a response that has begun, such as a long list that is streamed.
 *
 * Fastify's own `handlerTimeout` stops once a body has been read, and it needs a timer and an `AbortSignal` for each
 * request. Here one timer serves all requests: their timeouts are equal, so they expire in the order of their arrival.
 */
export function addHandlerDeadline (app: Server, timeout: number): void {
  const expiryTimes = new Map<FastifyReply, number>()
  const timer = setInterval(() => {
    const now = performance.now()
    for (const [reply, expiresAt] of expiryTimes) {
      if (expiresAt > now) break
      expiryTimes.delete(reply)
      if (!reply.sent && !reply.raw.headersSent) expire(reply)
    }
  }, Math.ceil(timeout / checksPerTimeout)).unref()

  app.addHook('onRequest', (_request, reply, done) => {
    expiryTimes.set(reply, performance.now() + timeout)
    done()
  })
  app.addHook('onResponse', (_request, reply, done) => {
    expiryTimes.delete(reply)
    done()
  })
  app.addHook('onClose', (_app, done) => {
    clearInterval(timer)
    done()
  })
}

function expire (reply: FastifyReply): void {
  if (reply.request.raw.complete) {
    const sentence = 'The request took too long; retry after 1 second.'
    reply.send(new DomainError('unavailable', 'SERVICE_UNAVAILABLE', sentence))
  } else {
    sendProblem(reply.header('connection', 'close'), 408, 'REQUEST_TIMEOUT', 'The request did not arrive in time.')
  }
  // Fastify ignores the late result of the handler, instead of logging that a response was already sent.
  reply.hijack()
}
