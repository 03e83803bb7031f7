import type { Server } from '../server-type.ts'

/**
 * Returns the security headers of every response. Over TLS, they also make browsers use only HTTPS from then on (RFC
 * 6797).
 */
export function safetyHeaders (isTls: boolean): Readonly<Record<string, string>> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(isTls ? { 'strict-transport-security': 'max-age=31536000' } : {})
  }
}

/** Adds these headers to every response of a route or of a hook. */
export function addSafetyHeaders (app: Server, isTls: boolean): void {
  const headers = safetyHeaders(isTls)
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(headers)
    done()
  })
}
