import type { Server } from '@laurel/shared/http'

/**
 * Adds the headers that protect a browser to every response.
 * With TLS, they also tell the browser to use nothing but TLS (RFC 6797).
 */
export function addSafetyHeaders (app: Server, hasTls: boolean): void {
  const headers = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(hasTls ? { 'strict-transport-security': 'max-age=31536000' } : {})
  }
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers)
    done()
  })
}
