import type { Socket } from 'node:net'
import { buildConnector, Client, type Dispatcher } from 'undici'

export interface PoolOptions {
  readonly maxConnections: number
  /** The time after which a connection is replaced, in milliseconds, so that a new instance soon gets requests. */
  readonly lifetime: number
  readonly connect: buildConnector.BuildOptions
  readonly client: Client.Options
}

/** Receives a connection, immediately or later. */
export interface ConnectionUser {
  readonly onConnection: (connection: Connection) => void
}

/** One connection to a service, which carries one request at a time. It reconnects if it is lost. */
export class Connection {
  readonly openedAt = performance.now()
  readonly #client: Client
  #socket: Socket | undefined
  #address: string | undefined

  constructor (origin: string, options: Client.Options, connector: buildConnector.connector) {
    const connect: buildConnector.connector = (target, callback) => {
      connector(target, (...result) => {
        this.#socket = result[1] ?? undefined
        this.#address = this.#socket?.remoteAddress
        callback(...result)
      })
    }
    this.#client = new Client(origin, { ...options, connect })
  }

  /** The number of bytes received so far. The connection must be established. */
  get bytesRead (): number {
    return (this.#socket as Socket).bytesRead
  }

  /** The address of the instance, also after the connection was lost. `undefined` if it was never established. */
  get address (): string | undefined {
    return this.#address
  }

  dispatch (request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#client.dispatch(request, handler)
  }

  /** Closes the connection once it is idle. */
  close (): void {
    void this.#client.close()
  }

  async destroy (): Promise<void> {
    await this.#client.destroy()
  }
}

/** The connections to one service. Requests use them in rotation, so that every instance gets requests. */
export class ConnectionPool {
  readonly #origin: string
  readonly #options: PoolOptions
  readonly #connector: buildConnector.connector
  readonly #connections = new Set<Connection>()
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<ConnectionUser>()

  constructor (origin: string, options: PoolOptions) {
    this.#origin = origin
    this.#options = options
    this.#connector = buildConnector(options.connect)
  }

  /** Gives `user` a connection immediately and returns `true`, or adds it to the queue and returns `false`. */
  acquire (user: ConnectionUser): boolean {
    const connection = this.#idle.shift() ?? this.#createIfAllowed()
    if (connection === undefined) {
      this.#waiting.add(user)
      return false
    }
    user.onConnection(connection)
    return true
  }

  /** Removes `user` from the queue. */
  cancel (user: ConnectionUser): void {
    this.#waiting.delete(user)
  }

  /** Returns a connection to the pool, which gives it to the first user in the queue. */
  release (connection: Connection): void {
    const isOld = performance.now() - connection.openedAt > this.#options.lifetime
    const usable = isOld ? this.replace(connection) : connection
    const [next] = this.#waiting
    if (next === undefined) {
      this.#idle.push(usable)
    } else {
      this.#waiting.delete(next)
      next.onConnection(usable)
    }
  }

  /** Closes a connection and returns its replacement. */
  replace (connection: Connection): Connection {
    this.#connections.delete(connection)
    connection.close()
    return this.#create()
  }

  async destroy (): Promise<void> {
    await Promise.all([...this.#connections].map(async connection => { await connection.destroy() }))
  }

  #createIfAllowed (): Connection | undefined {
    return this.#connections.size < this.#options.maxConnections ? this.#create() : undefined
  }

  #create (): Connection {
    const connection = new Connection(this.#origin, this.#options.client, this.#connector)
    this.#connections.add(connection)
    return connection
  }
}
