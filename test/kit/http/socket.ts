import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** The header section in lower case. */
  readonly head: string
  readonly body: string
  readonly text: string
}

/** A connection for bytes that no HTTP client would send. `read` resolves when the server has closed it. */
export function openSocket (port: number): { socket: Socket, read: () => Promise<RawAnswer> } {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  const ended = new Promise<void>(resolve => { socket.on('close', () => { resolve() }) })
  socket.on('data', chunk => chunks.push(chunk))
  // A server that rejects a request may close the connection before everything is written.
  socket.on('error', () => undefined)
  return {
    socket,
    async read () {
      await ended
      return parseAnswer(Buffer.concat(chunks).toString('latin1'))
    }
  }
}

/** Writes these bytes and reads until the server closes the connection; use `connection: close`. */
export async function sendRaw (port: number, bytes: string | Buffer): Promise<RawAnswer> {
  const { socket, read } = openSocket(port)
  socket.write(bytes)
  return await read()
}

/** A request as text. All lines are sent unchanged. */
export function rawRequest (requestLine: string, headers: readonly string[] = [], body = ''): string {
  return [`${requestLine} HTTP/1.1`, 'host: laurel', 'connection: close', ...headers, '', body].join('\r\n')
}

function parseAnswer (text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  return {
    status: Number(text.slice(9, 12)),
    head: text.slice(0, end).toLowerCase(),
    body: text.slice(end + 4),
    text
  }
}
