import cors from '@fastify/cors'
import type { Server } from '@laurel/shared/http'

const options = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'traceparent'],
  exposedHeaders: [
    'etag',
    'idempotent-replayed',
    'ratelimit-limit',
    'ratelimit-remaining',
    'ratelimit-reset',
    'retry-after',
    'x-request-id'
  ],
  // How long a browser may cache the response to a preflight request, in seconds.
  maxAge: 600
}

/**
 * Allows pages of these comma-separated origins to call the API. `*` allows all origins. Tokens are sent in a header,
 * so credentials (cookies) are never allowed.
 */
export async function allowOrigins (app: Server, origins: string): Promise<void> {
  const origin = origins.split(',').map(entry => entry.trim())
  // The plugin adds one route: OPTIONS on every path.
  app.addHook('onRoute', route => {
    if (route.url === '*') route.config = { ...route.config, operationId: 'preflight', access: 'public' }
  })
  await app.register(cors, {
    delegator: (request, decide) => {
      // Any other OPTIONS request is not a preflight and gets 405, as it does without CORS.
      const { origin: sender, 'access-control-request-method': method } = request.headers
      decide(null, { ...options, origin, preflight: sender !== undefined && method !== undefined })
    }
  })
}
