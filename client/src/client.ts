import { isLaurelError, readError } from './errors.ts'
import { addresses, isSafeToRepeat, keyed, queryNames } from './operations.ts'
import { createTokenKeeper, type ClientTokens } from './tokens.ts'
import type { CallOptions, Client, OperationId } from './types.ts'

export interface ClientOptions {
  /** The URL of the gateway, such as `https://laurel.example`. */
  readonly baseUrl: string
  /** An access token. `login` and `issueClientToken` replace it. */
  readonly token?: string
  /** The client uses it to refresh an expired access token. */
  readonly refreshToken?: string
  /** The credentials of a machine client, with which the client requests access tokens. */
  readonly credentials?: { readonly clientId: string, readonly clientSecret: string }
  /** Called whenever the tokens change, so that they can be stored; `undefined` after a logout. */
  readonly onTokens?: (tokens: ClientTokens | undefined) => void
  /** The maximum number of retries after 429 and 503; 3 by default. */
  readonly retries?: number
  /** The longest `Retry-After` that the client waits for, in seconds; 30 by default. */
  readonly maxRetryAfter?: number
  /** Another implementation of `fetch`. */
  readonly fetch?: typeof fetch
}

/**
 * Returns a client with one method for each operation of the platform. A method throws a `LaurelError` if the platform
 * responds with an error.
 */
export function createClient (options: ClientOptions): Client {
  const { baseUrl, token, refreshToken, credentials, onTokens = () => undefined } = options
  const { retries = 3, maxRetryAfter = 30, fetch: send = fetch } = options
  const initial = token === undefined ? undefined : { accessToken: token, ...(refreshToken && { refreshToken }) }
  const tokens = createTokenKeeper(initial, fetchTokens, onTokens)
  const base = baseUrl.replace(/\/$/, '')

  async function fetchTokens (): Promise<ClientTokens | undefined> {
    const current = tokens.get()?.refreshToken
    if (current !== undefined) return await attempt('refresh', { refreshToken: current }, {}) as ClientTokens
    if (credentials !== undefined) return await attempt('issueClientToken', credentials, {}) as ClientTokens
    return undefined
  }

  /** Sends a request. Retries it after 429 and, if that is safe, after 503. */
  async function attempt (id: OperationId, input: object, options: CallOptions, left = retries): Promise<unknown> {
    const { idempotencyKey = keyed.has(id) ? randomKey() : undefined, ifMatch, signal } = options
    const [method, path] = addresses[id].split(' ') as [string, string]
    const { url, body } = fill(path, method, input, queryNames[id])
    const accessToken = tokens.get()?.accessToken
    const response = await send(`${base}${url}`, {
      method,
      headers: {
        ...(accessToken !== undefined && !withoutToken.has(id) && { authorization: `Bearer ${accessToken}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch })
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal })
    })
    if (response.ok) return await readAnswer(response)
    const seconds = Number(response.headers.get('retry-after') ?? Infinity)
    const repeats = response.status === 429 || (response.status === 503 && isSafeToRepeat(id, method))
    if (!repeats || left === 0 || !(seconds <= maxRetryAfter)) throw await readError(response)
    await response.arrayBuffer()
    await wait(seconds * 1000, signal)
    return await attempt(id, input, { ...options, ...(idempotencyKey && { idempotencyKey }) }, left - 1)
  }

  /** Calls an operation. If the access token is rejected, renews it and retries once. */
  async function call (id: OperationId, input: object, options: CallOptions): Promise<unknown> {
    const used = tokens.get()?.accessToken
    const answer = await attempt(id, input, options).catch(async (error: unknown) => {
      const isRejected = isLaurelError(error) && error.code === 'UNAUTHENTICATED'
      if (!isRejected || !await tokens.renew(used)) throw error
      return await attempt(id, input, options)
    })
    if (givesTokens.has(id)) tokens.set(answer as ClientTokens)
    if (id === 'logout') tokens.set(undefined)
    return answer
  }

  const ids = Object.keys(addresses) as OperationId[]
  const operations = ids.map(id => [id, async (input = {}, options = {}) => await call(id, input, options)])
  return Object.fromEntries(operations) as Client
}

const givesTokens = new Set<OperationId>(['login', 'refresh', 'issueClientToken'])
const withoutToken = new Set<OperationId>([...givesTokens, 'register'])

/**
 * Splits the input into path parameters and either the query of a GET or the body. @param inQuery the names that belong
 * in the query even if there is a body.
 */
function fill (
  path: string, method: string, input: object, inQuery: readonly string[] = []
): { readonly url: string, readonly body?: object } {
  const rest = new Map<string, unknown>(Object.entries(input))
  const url = path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = String(rest.get(name))
    rest.delete(name)
    return encodeURIComponent(value)
  })
  const query = new URLSearchParams()
  for (const [name, value] of rest) {
    if (method !== 'GET' && !inQuery.includes(name)) continue
    rest.delete(name)
    if (value !== undefined) query.set(name, String(value))
  }
  const address = query.size === 0 ? url : `${url}?${query}`
  return rest.size === 0 ? { url: address } : { url: address, body: Object.fromEntries(rest) }
}

/** Returns the content of a successful response: an object, or the text of a file. */
async function readAnswer (response: Response): Promise<unknown> {
  if (response.status === 204) return undefined
  const isFile = response.headers.get('content-type')?.startsWith('text/') === true
  return isFile ? await response.text() : await response.json()
}

/** Returns 32 random hexadecimal digits. `crypto.randomUUID` does not exist on pages served over plain HTTP. */
function randomKey (): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Waits. Rejects with the reason of the signal if it is aborted first. */
async function wait (ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason) }, { once: true })
  })
}
