import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type Reply = readonly [status: number, headers?: Readonly<Record<string, string>>, body?: object]

/** Starts a server that sends these responses in order. Returns its URL and the requests that it received. */
export async function startServer (t: Test, ...replies: readonly Reply[]) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const [status, headers = {}, body = {}] = replies[requests.length] ?? [200]
    requests.push(request)
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => server.close())
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
