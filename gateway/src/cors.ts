import cors from '@fastify/cors'
import type { Server } from '@laurel/shared/http'

/** What a page of another origin may read of an answer besides its body. */
const exposedHeaders = ['etag', 'idempotent-replayed', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after', 'x-request-id']
const options = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'traceparent'],
  exposedHeaders,
  maxAge: 600
}

/** Lets pages of these origins (separated by commas, or `*`) call the API: their tokens travel in a header, so there are no credentials to allow. */
export async function allowOrigins (app: Server, origins: string): Promise<void> {
  const origin = origins.split(',').map(entry => entry.trim())
  // The plugin's one route, for OPTIONS everywhere.
  app.addHook('onRoute', route => {
    if (route.url === '*') route.config = { ...route.config, operationId: 'preflight', access: 'public' }
  })
  await app.register(cors, {
    delegator: (request, decide) => {
      // An OPTIONS that asks for nothing is no preflight: 405, as without CORS.
      const preflight = request.headers.origin !== undefined && request.headers['access-control-request-method'] !== undefined
      decide(null, { ...options, origin, preflight })
    }
  })
}
