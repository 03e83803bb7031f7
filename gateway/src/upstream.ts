import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Readable } from 'node:stream'
import { Pool, type Dispatcher } from 'undici'

/** Milliseconds. */
const connectTimeout = 800
export const defaultAnswerTimeout = 10_000
/** How long one connection is used: a service that has grown gets its share within this time. */
const connectionLifetime = 30_000
const connections = 128
/** Bytes. Answers up to here are handed on in one piece, longer ones and those of unknown length as they come. */
const collected = 256 * 1024

type Answered = (error: Error | null, answer?: { readonly statusCode: number, readonly headers: object, readonly body: object }) => void

/** One service, as far as @fastify/http-proxy needs it: what its option `undici` takes. */
export interface Upstream {
  readonly request: (options: Dispatcher.DispatchOptions, answered: Answered) => void
  readonly close: () => Promise<void>
}

type LookupAll = (hostname: string, options: LookupAllOptions, found: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void

/**
 * The connections to one service. A request's body is taken in whole before a connection is, so that a slow client holds none.
 * The connections are let go of long before the service closes them, so that a request is never sent into a closing one.
 * @param answerTimeout milliseconds that the service may be silent for.
 */
export function createUpstream (url: string, answerTimeout = defaultAnswerTimeout, lookup: LookupAll = systemLookup): Upstream {
  const pool = new Pool(new URL(url).origin, {
    connections,
    pipelining: 1,
    connect: { timeout: connectTimeout, rejectUnauthorized: true, lookup: inTurns(lookup) },
    clientTtl: connectionLifetime,
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000
  })
  return {
    request (options, answered) {
      const { headersTimeout: _, bodyTimeout: __, ...request } = options
      if (!(request.body instanceof Readable)) pool.dispatch(request, new Collector(answered))
      else {
        takeIn(request.body).then(
          body => { pool.dispatch({ ...request, body }, new Collector(answered)) },
          (error: Error) => { answered(error) }
        )
      }
    },
    close: async () => { await pool.destroy() }
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

async function takeIn (body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// The proxy destroys the body of an answer that nobody waits for any more.
const destroyable = { destroy () {} }

/** Hands an answer on: in one piece where its length is told and small, else as a stream that waits for its reader. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #answered: Answered
  #answer = { statusCode: 0, headers: {} }
  #chunks: Buffer[] = []
  #stream: Readable | undefined

  constructor (answered: Answered) {
    this.#answered = answered
  }

  onRequestStart (): void {}

  onResponseStart (controller: Dispatcher.DispatchController, statusCode: number, headers: object): void {
    // What comes before the answer is between the service and us (RFC 9110, 15.2).
    if (statusCode < 200) return
    this.#answer = { statusCode, headers }
    if (Number((headers as Record<string, string>)['content-length']) <= collected) return
    this.#stream = new Readable({
      read: () => { controller.resume() },
      destroy: (error, done) => {
        controller.abort(error ?? new Error('The client has left'))
        done(error)
      }
    })
    this.#answered(null, { ...this.#answer, body: this.#stream })
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream === undefined) this.#chunks.push(chunk)
    else if (!this.#stream.push(chunk)) controller.pause()
  }

  onResponseEnd (): void {
    if (this.#stream === undefined) this.#answered(null, { ...this.#answer, body: Object.assign(Buffer.concat(this.#chunks), destroyable) })
    else this.#stream.push(null)
  }

  onResponseError (_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#stream === undefined) this.#answered(error)
    else this.#stream.destroy(error)
  }
}
