import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { openSocket } from '../../../../test/kit/http/socket.ts'
import { startGateway } from '../../support/gateway.ts'

const { app, port, issuer, upstream } = await startGateway(t, { env: { LOGIN_LIMIT_PER_MINUTE: '1' } })
const user = `authorization: Bearer ${issuer.tokenOf('USER')}`
const admin = `authorization: Bearer ${issuer.tokenOf('ADMIN')}`
const json = 'content-type: application/json'
const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`

/** The sockets of the gateway by the port of the client. */
const accepted = new Map<number | undefined, Socket>()
app.server.on('connection', socket => { accepted.set(socket.remotePort, socket) })

/** Sends an endless body until the server closes the connection. Returns the response and the number of bytes read. */
async function sendEndlessBody (line: string, headers: readonly string[]) {
  const { socket, read } = openSocket(port)
  await once(socket, 'connect')
  const { localPort } = socket
  socket.write([`${line} HTTP/1.1`, 'host: laurel', 'transfer-encoding: chunked', ...headers, '', ''].join('\r\n'))
  const send = (): void => {
    while (socket.writable && socket.write(chunk));
  }
  socket.on('drain', send)
  send()
  const answer = await read()
  return { ...answer, bytesRead: accepted.get(localPort)?.bytesRead ?? NaN }
}

t.test('an unread body ends the connection', { jobs: 8 }, t => {
  for (const [status, line, headers] of [
    [404, 'POST /v1/nothing', []],
    [404, 'POST /v1/events/../users', []],
    [405, 'PUT /v1/events', []],
    [401, 'POST /v1/events', [json]],
    [403, 'POST /v1/events', [user, json]],
    [413, 'POST /v1/events', [admin, json]],
    [429, 'POST /v1/auth/login', [json]],
    [200, 'GET /v1/events', [user]]
  ] as const) {
    void t.test(`${status}: ${line}`, async t => {
      if (status === 429) await sendEndlessBody(line, headers)
      const answer = await sendEndlessBody(line, headers)
      t.equal(answer.status, status)
      // The buffers of the operating system and of Node.js come in addition to 64 kB.
      t.ok(answer.bytesRead < 1_000_000, `${answer.bytesRead} bytes`)
      t.notOk(upstream.arrivals.some(({ method, body }) => method !== 'GET' || body !== ''))
    })
  }
  t.end()
})
