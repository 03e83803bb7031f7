import http from 'node:http'
import https from 'node:https'
import { checkWebhookUrl, isAllowed, publicLookup, type Allowed } from './address.ts'

export interface SenderOptions {
  readonly allowed: Allowed
  /** Milliseconds that a receiver has for its whole answer. */
  readonly timeout?: number
}

export interface Sender {
  /**
   * Posts a body and returns the HTTP status, or `undefined` if no answer came. Redirects are not followed.
   * Throws what `checkWebhookUrl` throws.
   */
  readonly send: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number | undefined>
  /** Ends all connections; what is on its way fails. */
  readonly close: () => void
}

/** Connections to one receiver that are kept open. */
const maxSockets = 8

/** Bytes of an answer's body that are read, so that the connection can be used again. */
const maxAnswer = 16_384

function discard (response: http.IncomingMessage): void {
  let read = 0
  response.on('error', () => undefined).on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > maxAnswer) response.destroy()
  })
}

/** Sends messages to receivers, never to an address inside the network. */
export function createSender ({ allowed, timeout = 10_000 }: SenderOptions): Sender {
  const options = { keepAlive: true, maxSockets, timeout }
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
  const lookup = publicLookup()
  const closing = new AbortController()

  return {
    async send (url, headers, body) {
      // Checked again: `WEBHOOK_ALLOW` may have changed since the webhook was created.
      const target = checkWebhookUrl(url, allowed)
      const isHttps = target.protocol === 'https:'
      return await new Promise(resolve => {
        const request = (isHttps ? https : http).request(target, {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          agent: agents[isHttps ? 'https:' : 'http:'],
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(timeout)]),
          ...(isAllowed(target, allowed) ? {} : { lookup })
        }, response => {
          resolve(response.statusCode)
          discard(response)
        })
        request.on('error', () => { resolve(undefined) })
        request.end(body)
      })
    },
    close () {
      closing.abort()
      for (const agent of Object.values(agents)) agent.destroy()
    }
  }
}
