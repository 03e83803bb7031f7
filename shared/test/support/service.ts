import { createService, type Server } from '@laurel/shared/http'
import { Type, type TSchema } from 'typebox'

type Translate = Parameters<typeof createService>[0]['translateError']

/** Creates a service without a token guard and without log output. */
export function quietService (translateError: Translate = () => undefined): Server {
  return createService({ name: 'probe', logLevel: 'silent', translateError })
}

/** Creates a service that answers a valid `POST /` with the parsed body. */
export function echoService (body: TSchema): Server {
  const app = quietService()
  app.post('/', { schema: { body } }, async request => ({ body: request.body ?? null }))
  return app
}

/** Accepts every property. */
export const Anything = Type.Object({})
