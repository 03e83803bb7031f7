/** Time limits of every HTTP server, in milliseconds, and the checks of Node.js that request hardening replaces. */
export const protocolOptions = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1000,
  // Node's own response to a request without `Host` has no body. Request hardening rejects the request instead.
  requireHostHeader: false
}

export interface TlsOptions {
  /** PEM. */
  readonly cert: Buffer
  /** PEM. */
  readonly key: Buffer
  /** How long a client may take for the TLS handshake, in milliseconds. Default: 10000. */
  readonly handshakeTimeout?: number
}

/** The default of `handshakeTimeout`, in milliseconds. The default of Node.js is two minutes. */
export const handshakeTimeout = 10_000
