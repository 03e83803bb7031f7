import type { Socket } from 'node:net'
import type { Server } from './create-server.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Once `begun`, it is not ready any more and every answer closes its connection; it goes on answering until it is closed. */
    ending: { begun: boolean }
  }
}

/** Milliseconds. */
const patience = 500

/**
 * Lets a server that ends do so as soon as what is in flight is answered. By itself Node would wait for connections that
 * are kept after an answer, and for those on which nothing was asked yet, such as browsers open ahead of need:
 * the ones are told to close, the others have `patience`.
 */
export function endConnections (app: Server, isTls: boolean): void {
  const unused = new Set<Socket>()
  // Over TLS a request knows the socket of what was decrypted, not the one below.
  app.server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => { unused.delete(socket) })
  })
  app.server.on('request', ({ socket }) => { unused.delete(socket) })

  const ending = { begun: false }
  app.decorate('ending', ending)
  app.addHook('preClose', done => {
    ending.begun = true
    setTimeout(() => { unused.forEach(socket => { socket.destroy() }) }, patience)
    // Right after Node has accepted whoever was waiting: those who wait while it stops to listen are turned away.
    setImmediate(done)
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (ending.begun) void reply.header('connection', 'close')
    done()
  })
}
