import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface RedisStandIn {
  readonly url: string
  readonly port: number
  /** The counts by key. */
  readonly counts: Map<string, number>
  /** Whether it accepts commands but never replies. */
  silent: boolean
  stop: () => Promise<void>
}

/** Starts a server that supports enough of RESP2 for the counters of @fastify/rate-limit. Stopped with the test. */
export async function startRedisStandIn (t: Test, port = 0): Promise<RedisStandIn> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    let pending = ''
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket)).on('data', chunk => {
      pending += chunk.toString('latin1')
      for (let read = readCommand(pending); read !== undefined; read = readCommand(pending)) {
        pending = pending.slice(read.length)
        if (!standIn.silent) socket.write(answer(read.parts))
      }
    })
  })

  function answer ([name = '', script = '', , key = '', window = '']: readonly string[]): string {
    const command = name.toUpperCase()
    if (command === 'INFO') return bulk('redis_version:7.2.0\r\nloading:0\r\n')
    if (command === 'EVALSHA') return '-NOSCRIPT No matching script\r\n'
    if (command !== 'EVAL') return command === 'HELLO' ? '-ERR unknown command \'HELLO\'\r\n' : '+OK\r\n'
    const before = standIn.counts.get(key) ?? 0
    if (!script.includes('INCR')) return `*2\r\n:${before}\r\n:${before === 0 ? 0 : 60_000}\r\n`
    standIn.counts.set(key, before + 1)
    return `*2\r\n:${before + 1}\r\n:${Number(window)}\r\n`
  }

  await new Promise<void>(resolve => { server.listen(port, '127.0.0.1', resolve) })
  const address = server.address() as AddressInfo
  const standIn: RedisStandIn = {
    url: `redis://127.0.0.1:${address.port}`,
    port: address.port,
    counts: new Map(),
    silent: false,
    async stop () {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => { server.close(resolve) })
    }
  }
  t.teardown(standIn.stop)
  return standIn
}

function bulk (text: string): string {
  return `$${text.length}\r\n${text}\r\n`
}

/** Returns the first complete command, an array of bulk strings. */
function readCommand (text: string): { parts: string[], length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text)
  if (head === null) return undefined
  let at = head[0].length
  const parts: string[] = []
  while (parts.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20))
    if (size === null) return undefined
    const begin = at + size[0].length
    at = begin + Number(size[1]) + 2
    if (text.length < at) return undefined
    parts.push(text.slice(begin, at - 2))
  }
  return { parts, length: at }
}
