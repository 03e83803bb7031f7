/** Time limits of every HTTP server, in milliseconds, and the checks of Node.js that request hardening replaces. */
export const protocolOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  // Node's own answer to a request without `Host` has no body. Request hardening answers it.
  requireHostHeader: false
}

export interface TlsOptions {
  /** PEM. */
  readonly cert: Buffer
  /** PEM. */
  readonly key: Buffer
  /** In milliseconds. How long a client may take for the TLS handshake. Default: 10 seconds. */
  readonly handshakeTimeout?: number
}

/** In milliseconds. The default of Node.js is two minutes. */
export const handshakeTimeout = 10_000
