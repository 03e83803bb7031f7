import { operations } from './operations.ts'
import { buildRequest, randomKey, retryDelay, wait, type Fields } from './request.ts'
import { isLaurelError, readResponse, readError } from './response.ts'
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
  const { token, refreshToken, credentials, onTokens, retries = 3, maxRetryAfter = 30, fetch: send = fetch } = options
  const baseUrl = options.baseUrl.replace(/\/$/, '')
  const tokens = createTokenKeeper({ accessToken: token, refreshToken }, fetchTokens, onTokens)

  async function fetchTokens (): Promise<ClientTokens | undefined> {
    const current = tokens.get().refreshToken
    if (current !== undefined) return await attempt('refresh', { refreshToken: current }) as ClientTokens
    if (credentials !== undefined) return await attempt('issueClientToken', credentials) as ClientTokens
    return undefined
  }

  /** Sends a request. Retries it after 429 and, if that is safe, after 503. */
  async function attempt (id: OperationId, input: Fields, callOptions: CallOptions = {}): Promise<unknown> {
    const operation = operations[id]
    const { method, acceptsIdempotencyKey = false } = operation
    const { url, body } = buildRequest(operation, input)
    const { idempotencyKey = acceptsIdempotencyKey ? randomKey() : undefined, ifMatch, signal } = callOptions
    const accessToken = tokens.get().accessToken
    const headers = {
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch })
    }
    const request = async (): Promise<Response> => await send(`${baseUrl}${url}`, { method, headers, body, signal })
    let response = await request()
    for (let left = retries; left > 0; left--) {
      const seconds = retryDelay(operation, response)
      if (seconds > maxRetryAfter) break
      await response.arrayBuffer()
      await wait(seconds * 1000, signal)
      response = await request()
    }
    if (!response.ok) throw await readError(response)
    return await readResponse(response)
  }

  /** Calls an operation. If there is no access token or the token is rejected, gets one; a rejected call is retried. */
  async function call (id: OperationId, input: Fields, callOptions?: CallOptions): Promise<unknown> {
    if (operations[id].public !== true && tokens.get().accessToken === undefined) await tokens.renew(undefined)
    const used = tokens.get().accessToken
    const result = await attempt(id, input, callOptions).catch(async (error: unknown) => {
      const isRejected = isLaurelError(error) && error.code === 'UNAUTHENTICATED'
      if (!isRejected || !await tokens.renew(used)) throw error
      return await attempt(id, input, callOptions)
    })
    if (id === 'login' || id === 'refresh' || id === 'issueClientToken') tokens.set(result as ClientTokens)
    if (id === 'logout') tokens.set(undefined)
    return result
  }

  const calls = Object.keys(operations).map(name => {
    const id = name as OperationId
    return [id, async (input: Fields = {}, callOptions?: CallOptions) => await call(id, input, callOptions)]
  })
  return Object.fromEntries(calls) as Client
}
