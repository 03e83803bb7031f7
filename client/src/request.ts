/** The parameters of the path and the query and the properties of the body. */
export type Fields = Readonly<Record<string, unknown>>

/** How an operation is called. */
export interface Operation {
  readonly method: string
  /** With `:params`. */
  readonly path: string
  /** The names that go to the query although the operation has a body. */
  readonly query?: readonly string[]
  /** Whether it needs no access token. */
  readonly public?: boolean
  /** Whether it accepts an `Idempotency-Key`. */
  readonly acceptsIdempotencyKey?: boolean
  /** Whether it is safe to repeat, although it is a POST. */
  readonly repeatable?: boolean
}

/** Distributes the input to the path, the query (for a GET) and the body. */
export function buildRequest (
  { method, path, query = [] }: Operation, input: Fields
): { readonly url: string, readonly body?: string } {
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const search = new URLSearchParams()
  const body: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || path.split('/').includes(`:${name}`)) continue
    if (method === 'GET' || query.includes(name)) search.set(name, String(value))
    else body[name] = value
  }
  return {
    url: search.size === 0 ? url : `${url}?${search}`,
    ...(Object.keys(body).length > 0 && { body: JSON.stringify(body) })
  }
}

/**
 * Returns the seconds after which a request can be sent again; `Infinity` if it must not be. After 429, it was not
 * processed. After 503, it must be safe to repeat.
 */
export function retryDelay (
  { method, acceptsIdempotencyKey = false, repeatable = false }: Operation, { status, headers }: Response
): number {
  // RFC 9110, 9.2.2: these methods are idempotent.
  const isIdempotent = /^(GET|PUT|DELETE)$/.test(method) || acceptsIdempotencyKey || repeatable
  const seconds = headers.get('retry-after') ?? ''
  const isRetryable = status === 429 || (status === 503 && isIdempotent)
  return isRetryable && /^\d+$/.test(seconds) ? Number(seconds) : Infinity
}

/** Returns 32 random hexadecimal digits. `crypto.randomUUID` does not exist on pages served over plain HTTP. */
export function randomKey (): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Waits, in milliseconds. Rejects with the reason of the signal if it is aborted first. */
export async function wait (ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    function stop (): void {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
