import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Headers } from './headers.ts'

/** Responses of a known length up to this many bytes are passed on as one buffer, all others as a stream. */
const maxBufferedBytes = 256 * 1024

/** Bytes that wait for a slow client. Node's own default differs between versions. */
const streamBuffer = 16_384

/** A response of a service. Its body is a stream if it is long or of unknown length. */
export interface UpstreamResponse {
  readonly statusCode: number
  readonly headers: Headers
  readonly body: Buffer | Readable
}

/** Is called exactly once: with an error or with a response. */
export type OnResponse = (error: Error | null, response?: UpstreamResponse) => void

/** Receives one response from undici and calls `onResponse` once. */
export class ResponseCollector implements Dispatcher.DispatchHandler {
  readonly #onResponse: OnResponse
  #statusCode = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #stream: Readable | undefined

  constructor (onResponse: OnResponse) {
    this.#onResponse = onResponse
  }

  onRequestStart (): void {}

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Headers): void {
    // An interim response concerns the service and the gateway only (RFC 9110, 15.2).
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
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#stream === undefined) this.#onResponse(error)
    else this.#stream.destroy(error)
  }

  #respond (body: Buffer | Readable): void {
    this.#onResponse(null, { statusCode: this.#statusCode, headers: this.#headers, body })
  }
}
