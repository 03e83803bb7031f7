import { Connection } from 'mongodb/lib/cmap/connection.js'

/**
 * Makes every command on a closed connection fail. A socket that has been destroyed refuses a write by returning
 * `false`, like a full one, and the driver (7.8) then waits for `drain` forever: for the command, and for one of the
 * connections of the pool. This happens when MongoDB exits while commands are sent, also to small ones. The driver
 * checks for the error of the connection after it has written, so it is sufficient to end the wait. See decision 0019.
 */
export function failWritesOfClosedConnections (): void {
  const { cleanup } = Connection.prototype
  Connection.prototype.cleanup = function (error) {
    cleanup.call(this, error)
    const { socket } = this
    socket.write = () => true
    socket.emit('drain')
  }
}
