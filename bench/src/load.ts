import { Pool } from 'undici'
import { usageOf } from './processes.ts'

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly token: string
  readonly body?: string
}

export interface Measured {
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** CPU milliseconds per request, by process. */
  readonly cpu: ReadonlyMap<string, number>
  readonly statuses: ReadonlyMap<number, number>
}

/** Sends the calls over this many connections, one call at a time on each. */
export async function load (
  url: string, calls: readonly Call[], connections: number, processes: ReadonlyMap<string, number>
): Promise<Measured> {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const latencies: number[] = []
  const statuses = new Map<number, number>()
  const before = new Map([...processes].map(([name, pid]) => [name, usageOf(pid).cpu]))
  let next = 0
  async function client (): Promise<void> {
    for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
      const sent = performance.now()
      const { statusCode, body } = await pool.request({
        method: call.method,
        path: call.path,
        headers: {
          authorization: `Bearer ${call.token}`,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' })
        },
        ...(call.body === undefined ? {} : { body: call.body })
      })
      await body.dump()
      latencies.push(performance.now() - sent)
      statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
    }
  }
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: connections }, client))
  const seconds = (performance.now() - startedAt) / 1000
  await pool.close()
  latencies.sort((a, b) => a - b)
  return {
    rate: calls.length / seconds,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    cpu: new Map([...processes].map(([name, pid]) =>
      [name, (usageOf(pid).cpu - (before.get(name) ?? 0)) / calls.length])),
    statuses
  }
}
