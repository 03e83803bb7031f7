import http from 'node:http'
import https from 'node:https'
import { checkWebhookUrl, isAllowed, publicLookup, type Allowed } from './address.ts'

export interface SenderOptions {
  readonly allowed: Allowed
  /** The timeout until a response begins, and the timeout until it ends, in milliseconds. */
  readonly timeout?: number
}

export interface MessageSender {
  /**
   * Posts a body. Returns the HTTP status, or `undefined` if there was no response. Does not follow redirects. Throws
   * the errors of `checkWebhookUrl`.
   */
  readonly send: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number | undefined>
  /** Closes all connections. Requests in flight fail. */
  readonly close: () => void
}

/** The maximum number of connections to one receiver. */
const maxSockets = 8
/** The maximum number of bytes of a response body that are read so that the connection can be reused. */
const maxAnswer = 16_384

/** Reads a short body, and closes the connection if the body is longer. */
function discard (response: http.IncomingMessage): void {
  let read = 0
  response.on('error', () => undefined).on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > maxAnswer) response.destroy()
  })
}

/** Sends messages to receivers, but never to an address in a private network. */
export function createMessageSender ({ allowed, timeout = 10_000 }: SenderOptions): MessageSender {
  const options = { keepAlive: true, maxSockets, timeout }
  const agents = { http: new http.Agent(options), https: new https.Agent(options) }
  const lookup = publicLookup()
  const inFlight = new Set<http.ClientRequest>()

  return {
    async send (url, headers, body) {
      // Checked again: `WEBHOOK_ALLOW` may have changed since the webhook was created.
      const target = checkWebhookUrl(url, allowed)
      const [client, agent] = target.protocol === 'https:' ? [https, agents.https] : [http, agents.http]
      return await new Promise(resolve => {
        const request = client.request(target, {
          method: 'POST',
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
          agent,
          ...(isAllowed(target, allowed) ? {} : { lookup })
        })
        // The socket timeout restarts with each byte, so it does not limit a slow response.
        const timer = setTimeout(() => { request.destroy() }, timeout)
        inFlight.add(request)
        request
          .on('response', response => {
            resolve(response.statusCode)
            discard(response)
          })
          .on('error', () => { resolve(undefined) })
          .on('close', () => {
            clearTimeout(timer)
            inFlight.delete(request)
            // If the receiver switches protocols, there is neither a response nor an error.
            resolve(undefined)
          })
          .end(body)
      })
    },
    close () {
      for (const request of inFlight) request.destroy()
      for (const agent of Object.values(agents)) agent.destroy()
    }
  }
}
