import type { ServiceName } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { FastifyRequest } from 'fastify'
import { Counter, Histogram } from 'prom-client'

declare module 'fastify' {
  interface FastifyRequest {
    /** When the gateway sent it to the service, by `performance.now()`. */
    sentAt: number
  }
}

/** Measures the response time of a service, for the log and the metrics, and counts retries. */
export interface UpstreamMetrics {
  readonly begin: (request: FastifyRequest) => void
  readonly end: (request: FastifyRequest, service: ServiceName) => void
  readonly countRetry: (service: ServiceName) => void
}

export function measureUpstreams (app: Server): UpstreamMetrics {
  app.decorateRequest('sentAt', 0)
  const seconds = new Histogram({
    name: 'laurel_upstream_seconds',
    help: 'Time from forwarding a request to the response of the service',
    labelNames: ['service'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [app.metrics]
  })
  const retries = new Counter({
    name: 'laurel_upstream_retries_total',
    help: 'Requests that were retried on another connection',
    labelNames: ['service'] as const,
    registers: [app.metrics]
  })
  return {
    begin (request) { request.sentAt = performance.now() },
    end (request, service) {
      request.upstreamMs = performance.now() - request.sentAt
      seconds.observe({ service }, request.upstreamMs / 1000)
    },
    countRetry (service) { retries.inc({ service }) }
  }
}
