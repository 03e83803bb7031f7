import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import t from 'tap'
import { selfSigned } from '../../../test/kit/http/certificate.ts'
import { freePort } from '../../../test/kit/servers/ports.ts'
import { listenDuringStartup } from '../../src/http/server/startup-listener.ts'

t.test('with a certificate a server that is still starting answers over TLS', async t => {
  const { cert, key } = selfSigned()
  const port = await freePort()
  const tls = { cert: Buffer.from(cert), key: Buffer.from(key) }
  const freeAddress = await listenDuringStartup({ host: '127.0.0.1', port, tls })
  t.teardown(freeAddress)
  for (const [method, path, statusCode] of [
    ['GET', '/health/live', 200], ['HEAD', '/health/live', 200], ['POST', '/health/live', 503],
    ['GET', '/health/ready', 503]
  ] as const) {
    const request = get({ port, host: '127.0.0.1', method, path, ca: cert })
    const [response] = await once(request, 'response') as [IncomingMessage]
    const headers = { 'strict-transport-security': /^max-age=\d+/ }
    t.match(response.resume(), { statusCode, headers }, `${method} ${path}`)
  }
})
