import { Server as NetServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../server-type.ts'

/** How long a connection without any request stays open during a shutdown, in milliseconds. */
const unusedConnectionTimeout = 500

/** How long `stopListening` waits until no connection is pending, in milliseconds. */
const stopTimeout = 250

/**
 * The maximum duration of a short event loop iteration, in milliseconds. During a longer one, connections may have
 * arrived after Node.js polled for them.
 */
const shortTurn = 1

/** How long idle connections stay open after the server has stopped listening, in milliseconds. */
const idleTimeout = 500

/**
 * Makes `app.close()` finish as soon as all requests have a response. Node.js would also wait for keep-alive
 * connections and for connections without any request, such as those that browsers open in advance. Responses on
 * keep-alive connections ask the client to close them, and unused connections are destroyed after
 * `unusedConnectionTimeout`.
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
    // Give Node.js one iteration to accept the connections in its backlog. It resets them when it stops listening.
    setImmediate(done)
  })
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (shutdown.started) void reply.header('connection', 'close')
    done()
  })
}

/**
 * Prepares `app.close()` so that no client under load loses a request: announces the shutdown, processes requests that
 * arrive in the meantime, stops listening, and gives clients time to use their idle connections once more.
 * @param notice how long the shutdown is announced, in milliseconds. Load balancers see that the server is not ready,
 * and clients close their connections.
 */
export async function drain (app: Server, notice = 500): Promise<void> {
  app.shutdown.started = true
  await sleep(notice)
  const allClosed = new Promise<void>(resolve => { app.server.once('close', () => { resolve() }) })
  await stopListening(app)
  await Promise.race([allClosed, sleep(idleTimeout)])
}

/**
 * Stops listening and leaves all connections open. The kernel resets connections that it has established and that the
 * process has not accepted yet, so this function waits for an iteration of the event loop in which no connection is
 * pending. It checks right after a connection was accepted, when the next one is least likely, or after `stopTimeout`
 * if none arrives.
 */
async function stopListening ({ server }: Server): Promise<void> {
  await new Promise<void>(resolve => {
    const deadline = performance.now() + 2 * stopTimeout
    let isSearching = false
    let turnStartedAt = 0
    let hasAccepted = false

    function checkTurn (): void {
      const now = performance.now()
      if ((!hasAccepted && now - turnStartedAt < shortTurn) || now > deadline) {
        close()
      } else {
        turnStartedAt = now
        hasAccepted = false
        setImmediate(checkTurn)
      }
    }
    function startSearch (): void {
      if (!isSearching) setImmediate(checkTurn)
      isSearching = true
    }
    function onConnection (): void {
      hasAccepted = true
      startSearch()
    }
    function close (): void {
      clearTimeout(timer)
      server.off('connection', onConnection)
      // The `close` method of an HTTP server would also close idle connections.
      NetServer.prototype.close.call(server)
      resolve()
    }
    const timer = setTimeout(startSearch, stopTimeout)
    server.on('connection', onConnection)
  })
}
