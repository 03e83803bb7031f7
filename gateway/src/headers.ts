type Headers = Record<string, string | string[] | undefined>

/** The request headers that a service reads. Nothing else goes through: what a client adds cannot reach further. */
const passed = ['accept', 'authorization', 'content-length', 'content-type', 'idempotency-key', 'if-match', 'user-agent'] as const

/** The headers that a service gets: the allowed ones, ours, and the upstream's own `host`. */
export function requestHeaders (request: { readonly id: string, readonly ip: string }, headers: Headers): Headers {
  const kept: Headers = { host: headers.host, 'x-request-id': request.id, 'x-forwarded-for': request.ip }
  for (const name of passed) {
    if (headers[name] !== undefined) kept[name] = headers[name]
  }
  return kept
}

/** What speaks of one connection only (RFC 9110, 7.6.1), or of what runs behind us. */
const dropped = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'server', 'x-powered-by'])

export function responseHeaders<H extends Record<string, unknown>> (headers: H): H {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name))) as H
}
