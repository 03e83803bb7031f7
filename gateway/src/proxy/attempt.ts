import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Connection } from './connection-pool.ts'
import type { Headers } from './headers.ts'

/** Responses with a known length up to this many bytes are forwarded as one buffer, all others as a stream. */
const maxBufferedBytes = 256 * 1024

/** The number of bytes buffered for a slow client. The default of Node.js differs between versions. */
const streamBuffer = 16_384

/** A response of a service. Its body is a stream if it is long or of unknown length. */
export interface UpstreamResponse {
  readonly statusCode: number
  readonly headers: Headers
  readonly body: Buffer | Readable
}

export interface AttemptOwner {
  /** Is called at most once, and never after `onFailure`. */
  readonly onResponse: (response: UpstreamResponse) => void
  /** Is called at most once, and never after `onResponse`. The connection is free. */
  readonly onFailure: (error: Error) => void
  /** Is called once after `onResponse`, when the response has ended or was aborted. The connection is free. */
  readonly onEnd: () => void
}

/** One attempt to send a request on one connection and to receive its response. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #owner: AttemptOwner
  readonly #connection: Connection
  #controller: Dispatcher.DispatchController | undefined
  #abortReason: Error | undefined
  #bytesReadBefore = 0
  #statusCode = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #stream: Readable | undefined

  constructor (owner: AttemptOwner, connection: Connection) {
    this.#owner = owner
    this.#connection = connection
  }

  /** Whether any byte of the request may have been sent. */
  get isSent (): boolean {
    return this.#controller !== undefined
  }

  /** Whether any byte of the response has arrived. */
  get hasResponseBytes (): boolean {
    return this.isSent && this.#connection.bytesRead > this.#bytesReadBefore
  }

  /** Aborts the attempt. `onFailure` is called immediately, or when the connection is established. */
  abort (reason: Error): void {
    this.#abortReason = reason
    this.#controller?.abort(reason)
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    if (this.#abortReason !== undefined) {
      controller.abort(this.#abortReason)
      return
    }
    this.#controller = controller
    this.#bytesReadBefore = this.#connection.bytesRead
  }

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Headers): void {
    // Interim responses are not forwarded to the client (RFC 9110, 15.2).
    if (statusCode < 200) return
    this.#statusCode = statusCode
    this.#headers = headers
    if (Number(headers['content-length']) <= maxBufferedBytes) return
    this.#stream = new Readable({
      highWaterMark: streamBuffer,
      read: () => { controller.resume() },
      destroy: (error, done) => {
        controller.abort(error ?? new Error('The client closed the connection'))
        done(error)
      }
    })
    this.#respond(this.#stream)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream === undefined) this.#chunks.push(chunk)
    else if (!this.#stream.push(chunk)) controller.pause()
  }

  onResponseEnd (): void {
    if (this.#stream !== undefined) this.#stream.push(null)
    else this.#respond(Buffer.concat(this.#chunks))
    this.#owner.onEnd()
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#stream === undefined) {
      this.#owner.onFailure(error)
    } else {
      this.#stream.destroy(error)
      this.#owner.onEnd()
    }
  }

  #respond (body: Buffer | Readable): void {
    this.#owner.onResponse({ statusCode: this.#statusCode, headers: this.#headers, body })
  }
}
