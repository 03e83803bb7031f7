import http from 'node:http'
import https from 'node:https'
import { checkWebhookUrl, isAllowed, publicLookup, type Allowed } from './address.ts'

export interface SenderOptions {
  readonly allowed: Allowed
  /** How long a receiver may take until its answer begins, and then until it ends, in milliseconds. */
  readonly timeout?: number
}

export interface Sender {
  /**
   * Posts a body. Returns the HTTP status, or `undefined` if no answer came. Redirects are not followed.
   * Throws what `checkWebhookUrl` throws.
   */
  readonly send: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number | undefined>
  /** Closes all connections. Requests in flight fail. */
  readonly close: () => void
}

/** How many connections to one receiver there are at most. */
const maxSockets = 8
/** How many bytes of the body of an answer are read, so that the connection can be used again. */
const maxAnswer = 16_384

/** Reads a short body and ends the connection of a longer one. */
function discard (response: http.IncomingMessage): void {
  let read = 0
  response.on('error', () => undefined).on('data', (chunk: Buffer) => {
    read += chunk.length
    if (read > maxAnswer) response.destroy()
  })
}

/** Sends messages to receivers, but never to an address in a private network. */
export function createSender ({ allowed, timeout = 10_000 }: SenderOptions): Sender {
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
        // The timeout of a socket restarts with each byte, so it does not end a slow answer.
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
            // If the receiver switches protocols, there is neither an answer nor an error.
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
