import type { Socket } from 'node:net'
import type { Server } from '../server-type.ts'

/** In milliseconds. */
const unusedConnectionTimeout = 500

/**
 * Makes `app.close()` end as soon as the requests in flight are answered. Node.js would also wait for keep-alive
 * connections and for connections without any request, such as those that browsers open in advance. Keep-alive
 * connections are told to close, and unused ones are destroyed after `unusedConnectionTimeout`.
 */
export function addGracefulShutdown (app: Server, isTls: boolean): void {
  const unused = new Set<Socket>()
  // Over TLS a request refers to the decrypted socket, not to the TCP socket below it.
  app.server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
    unused.add(socket)
    socket.once('close', () => { unused.delete(socket) })
  })
  app.server.on('request', ({ socket }) => { unused.delete(socket) })

  const shutdown = { started: false }
  app.decorate('shutdown', shutdown)
  app.addHook('preClose', done => {
    shutdown.started = true
    setTimeout(() => { unused.forEach(socket => { socket.destroy() }) }, unusedConnectionTimeout)
    // Give Node.js one turn to accept the connections in its backlog. It resets them when it stops listening.
    setImmediate(done)
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (shutdown.started) void reply.header('connection', 'close')
    done()
  })
}
