import { createService, type Server } from '@laurel/shared/http'
import { Type, type TSchema } from 'typebox'

/** A service without a token guard, quiet, with what a test adds. */
export function quietService (translate: Parameters<typeof createService>[0]['translate'] = () => undefined): Server {
  return createService({ name: 'probe', logLevel: 'silent', translate })
}

/** A service that answers a valid POST / with what it has read. */
export function echoService (body: TSchema): Server {
  const app = quietService()
  app.post('/', { schema: { body } }, async request => ({ body: request.body ?? null }))
  return app
}

/** Takes every property. */
export const Anything = Type.Object({})
