import { safetyHeaders, type Server } from '@laurel/shared/http'

/** Adds the headers that protect a browser to every response of a route or of a hook. */
export function addSafetyHeaders (app: Server, hasTls: boolean): void {
  const headers = safetyHeaders(hasTls)
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers)
    done()
  })
}
