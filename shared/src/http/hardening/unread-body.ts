import type { IncomingMessage } from 'node:http'
import type { Server } from '../server-type.ts'

/** The number of bytes of an unread body after which the client loses its connection. */
const maxUnreadBytes = 64 * 1024

/** How long this client has to read its response before the connection is destroyed, in milliseconds. */
const lingerTime = 500

/**
 * Ends the connection of a request whose response was sent before its body was read, once 64 KiB of the body have
 * arrived. Node.js would read and discard the rest of the body, however long it is. A shorter body is discarded and the
 * connection stays open.
 */
export function limitUnreadBodies (app: Server): void {
  app.addHook('onSend', (request, _reply, _payload, done) => {
    limitUnreadBody(request.raw)
    done()
  })
}

/** Does the same for one request that no hook handles. */
export function limitUnreadBody (request: IncomingMessage): void {
  const hasBody = 'content-length' in request.headers || 'transfer-encoding' in request.headers
  // `readableFlowing` is null until the body is read.
  if (!hasBody || request.complete || request.readableFlowing !== null) return
  let received = 0
  request.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received > maxUnreadBytes) {
      // Destroying a socket with unread bytes resets it, so the client gets some time to read its response.
      request.pause()
      setTimeout(() => { request.destroy() }, lingerTime).unref()
    }
  })
}
