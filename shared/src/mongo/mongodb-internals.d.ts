/** The driver publishes no types of its own modules. */
declare module 'mongodb/lib/cmap/connection.js' {
  import type { Socket } from 'node:net'

  export class Connection {
    readonly socket: Socket
    /** Closes the connection because of this error. Does nothing if it is closed. */
    cleanup (error: Error): void
  }
}
