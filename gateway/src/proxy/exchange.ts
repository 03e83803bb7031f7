import type { Method } from '@laurel/shared/contracts'
import { notProcessed } from '@laurel/shared/http'
import { Attempt, type AttemptOwner, type UpstreamResponse } from './attempt.ts'
import type { Connection, ConnectionPool, ConnectionUser } from './connection-pool.ts'
import type { Headers } from './headers.ts'

/** A request that the gateway forwards. */
export interface UpstreamRequest {
  readonly method: Method | 'HEAD'
  /** Includes the query string. */
  readonly path: string
  readonly headers: Headers
  readonly body?: Buffer | undefined
}

/** Is called exactly once: with an error or with a response. */
export type OnResponse = (error: Error | null, response?: UpstreamResponse) => void

/** No connection was available in time, so the request was not sent. */
export class UpstreamBusyError extends Error {
  override readonly name = 'UpstreamBusyError'
}

/** The service did not respond in time. It may have processed the request. */
export class UpstreamTimeoutError extends Error {
  override readonly name = 'UpstreamTimeoutError'
}

export interface ExchangeOptions {
  /** The maximum time until the service responds, in milliseconds, including the wait for a connection. */
  readonly responseTimeout: number
  /** How long the request may wait for a connection, in milliseconds. */
  readonly maxWait: number
  readonly onRetry: () => void
  /** Called with the address of an instance that failed or is not ready. */
  readonly avoid: (address: string) => void
}

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Sends one request to a service and receives its response. */
export class Exchange implements ConnectionUser, AttemptOwner {
  readonly #pool: ConnectionPool
  readonly #request: UpstreamRequest
  readonly #options: ExchangeOptions
  readonly #onResponse: OnResponse
  #deadline: NodeJS.Timeout | undefined
  #waitLimit: NodeJS.Timeout | undefined
  #connection: Connection | undefined
  #attempt: Attempt | undefined
  #isRetry = false
  #wasNotReady = false
  /** Whether the current response is discarded, because its instance is not ready. */
  #isDiscarding = false
  #isTimedOut = false

  constructor (pool: ConnectionPool, request: UpstreamRequest, options: ExchangeOptions, onResponse: OnResponse) {
    this.#pool = pool
    this.#request = request
    this.#options = options
    this.#onResponse = onResponse
  }

  start (): void {
    const { responseTimeout, maxWait } = this.#options
    this.#deadline = setTimeout(() => { this.#onDeadline() }, responseTimeout)
    if (!this.#pool.acquire(this)) this.#waitLimit = setTimeout(() => { this.#onWaitLimit() }, maxWait)
  }

  onConnection (connection: Connection): void {
    clearTimeout(this.#waitLimit)
    this.#connection = connection
    this.#attempt = new Attempt(this, connection)
    connection.dispatch(this.#request, this.#attempt)
  }

  onResponse (response: UpstreamResponse): void {
    const { headers, body } = response
    this.#isDiscarding = headers[notProcessed] !== undefined && body instanceof Buffer && !this.#wasNotReady
    if (this.#isDiscarding) return
    clearTimeout(this.#deadline)
    this.#onResponse(null, response)
  }

  onFailure (error: Error): void {
    const connection = this.#connection as Connection
    if (this.#mayRetry(error)) {
      this.#isRetry = true
      this.#sendElsewhere(connection)
      return
    }
    clearTimeout(this.#deadline)
    this.#pool.release(connection)
    this.#onResponse(error)
  }

  onEnd (): void {
    const connection = this.#connection as Connection
    if (!this.#isDiscarding) {
      this.#pool.release(connection)
      return
    }
    // An instance that is still starting has not processed the request.
    this.#isDiscarding = false
    this.#wasNotReady = true
    this.#sendElsewhere(connection)
  }

  /** Retries the request on another instance if possible. A killed instance may still accept connections. */
  #sendElsewhere (connection: Connection): void {
    if (connection.address !== undefined) this.#options.avoid(connection.address)
    this.#options.onRetry()
    this.onConnection(this.#pool.replace(connection))
  }

  #onDeadline (): void {
    this.#isTimedOut = true
    const reason = this.#attempt?.isSent === true
      ? new UpstreamTimeoutError('The service did not respond in time')
      : new UpstreamBusyError('No connection to the service was established in time')
    this.#attempt?.abort(reason)
  }

  #onWaitLimit (): void {
    clearTimeout(this.#deadline)
    this.#pool.cancel(this)
    this.#onResponse(new UpstreamBusyError('No connection to the service became free in time'))
  }

  /**
   * Returns `true` if the request may be retried on a new connection: if it was not sent, or if it is safe (RFC 9110,
   * 9.2.1) and no byte of a response has arrived. If the connection could not be established in time, there is no
   * retry, because all addresses of the service have been tried. `onEnd` retries a request that an instance
   * received but did not process.
   */
  #mayRetry (error: Error): boolean {
    const { code } = error as { code?: unknown }
    if (this.#isRetry || this.#isTimedOut || code === 'UND_ERR_CONNECT_TIMEOUT') return false
    const attempt = this.#attempt as Attempt
    return !attempt.isSent || (safeMethods.has(this.#request.method) && !attempt.hasResponseBytes)
  }
}
