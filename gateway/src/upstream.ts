import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import type { Method } from '@laurel/shared/contracts'
import { Pool, type Dispatcher } from 'undici'
import type { Headers } from './headers.ts'

/** Milliseconds. */
const connectTimeout = 800
export const defaultAnswerTimeout = 10_000
/** How long connections are used, apart from what is in flight then: a service that has grown gets its share within this time. */
const connectionLifetime = 30_000
const connections = 128
/** Bytes. Answers up to here are handed on in one piece, longer ones and those of unknown length as they come. */
const collected = 256 * 1024

/** A request as it is passed on. */
export interface Request {
  readonly method: Method
  /** With the query. */
  readonly path: string
  readonly headers: Headers
  readonly body?: Buffer | undefined
}

export interface Answer {
  readonly statusCode: number
  readonly headers: Headers
  readonly body: Buffer | Readable
}

/** Is called once: with the answer, or with why there is none. */
type Answered = (error: Error | null, answer?: Answer) => void

/** One service. */
export interface Upstream {
  readonly request: (request: Request, answered: Answered) => void
  readonly close: () => Promise<void>
}

type LookupAll = (hostname: string, options: LookupAllOptions, found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

/**
 * The connections to one service. They are let go of long before the service closes them, so that a request is never sent into a closing one.
 * @param answerTimeout milliseconds that the service may be silent for.
 * @param lifetime milliseconds after which new connections are made.
 */
export function createUpstream (url: string, answerTimeout = defaultAnswerTimeout, lookup: LookupAll = systemLookup, lifetime = connectionLifetime): Upstream {
  const open = (): Pool => new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeout, rejectUnauthorized: true, lookup: inTurns(lookup) },
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000
  })
  let pool = open()
  // undici can let go of each connection by itself, but looks at the age of all of them at every request.
  const renewal = setInterval(() => {
    void pool.close()
    pool = open()
  }, lifetime).unref()
  return {
    request (request, answered) { pool.dispatch(request, new Collector(answered)) },
    async close () {
      clearInterval(renewal)
      await pool.destroy()
    }
  }
}

/** Every new connection begins with the next of the addresses that a name has; the others are tried where it refuses. */
function inTurns (lookup: LookupAll): LookupFunction {
  let turn = 0
  return (hostname, options, found) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        found(error, '')
        return
      }
      const first = turn++ % addresses.length
      found(null, [...addresses.slice(first), ...addresses.slice(0, first)])
    })
  }
}

/** Hands an answer on: in one piece where its length is told and small, else as a stream that waits for its reader. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #answered: Answered
  #statusCode = 0
  #headers: Headers = {}
  #chunks: Buffer[] = []
  #stream: Readable | undefined

  constructor (answered: Answered) {
    this.#answered = answered
  }

  onRequestStart (): void {}

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: Headers): void {
    // What comes before the answer is between the service and us (RFC 9110, 15.2).
    if (statusCode < 200) return
    this.#statusCode = statusCode
    this.#headers = headers
    if (Number(headers['content-length']) <= collected) return
    this.#stream = new Readable({
      // What waits for a slow client, the same under every Node.js: its default has grown.
      highWaterMark: 16_384,
      read: () => { controller.resume() },
      destroy: (error, done) => {
        controller.abort(error ?? new Error('The client has left'))
        done(error)
      }
    })
    this.#answer(this.#stream)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream === undefined) this.#chunks.push(chunk)
    else if (!this.#stream.push(chunk)) controller.pause()
  }

  onResponseEnd (): void {
    if (this.#stream !== undefined) this.#stream.push(null)
    else this.#answer(Buffer.concat(this.#chunks))
  }

  #answer (body: Buffer | Readable): void {
    this.#answered(null, { statusCode: this.#statusCode, headers: this.#headers, body })
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#stream === undefined) this.#answered(error)
    else this.#stream.destroy(error)
  }
}
