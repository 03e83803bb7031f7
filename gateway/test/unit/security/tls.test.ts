import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { join } from 'node:path'
import t from 'tap'
import { selfSigned } from '../../../../test/kit/http/certificate.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { scratch } from '../../../../test/kit/run/scratch.ts'
import { rawRequest, sendRaw } from '../../../../test/kit/http/socket.ts'
import { startGateway, type TestGateway } from '../../support/gateway.ts'

const dir = scratch(t)
const { cert, key } = selfSigned()

function writeFile (name: string, content: string): string {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

const certFile = writeFile('cert.pem', cert)
const keyFile = writeFile('key.pem', key)
const env = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile }

async function getEvents ({ port, issuer }: TestGateway, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${issuer.tokenOf('USER')}`
  const request = get({
    port, host: '127.0.0.1', path: '/v1/events', ca: cert, agent: false, headers: { authorization, ...headers }
  })
  const [response] = await once(request, 'response') as [IncomingMessage]
  return response.resume()
}

t.test('with TLS_CERT_FILE and TLS_KEY_FILE, the gateway serves only HTTPS', async t => {
  const gateway = await startGateway(t, { env })
  const response = await getEvents(gateway)
  t.match(response, { statusCode: 200, headers: { 'strict-transport-security': /^max-age=\d+/ } })
  t.equal(gateway.upstream.arrivals.length, 1)
  t.match(await getEvents(gateway, { x: 'y'.repeat(9000) }), { statusCode: 431 }, 'the same limits as over HTTP')
  t.notMatch((await sendRaw(gateway.port, rawRequest('GET /health/live'))).text, 'ok')
})

t.test('a gateway that shuts down answers the requests in flight over TLS too', async t => {
  const gateway = await startGateway(t, { env })
  // Longer than the timeout of unused connections.
  gateway.upstream.answer = (_request, response) => { setTimeout(() => response.end('{}'), 1000) }
  const response = getEvents(gateway)
  await eventually(async () => gateway.upstream.arrivals.length === 1)
  const closed = gateway.app.close()
  t.equal((await response).statusCode, 200)
  await closed
})

const mismatch = 'TLS_CERT_FILE and TLS_KEY_FILE must be a PEM certificate and its PEM key'

for (const [name, changed, line] of [
  ['no key', { TLS_KEY_FILE: '' }, 'TLS_KEY_FILE is missing; TLS needs both a certificate and its key'],
  ['no certificate', { TLS_CERT_FILE: '' }, 'TLS_CERT_FILE is missing; TLS needs both a certificate and its key'],
  ['a file that does not exist', { TLS_KEY_FILE: join(dir, 'none') }, 'TLS_KEY_FILE cannot be read (ENOENT)'],
  ['a file that is not a certificate', { TLS_CERT_FILE: writeFile('bad', 'canary') }, mismatch],
  ['the key of another certificate', { TLS_KEY_FILE: writeFile('other', selfSigned(1).key) }, mismatch]
] as const) {
  t.test(`the start fails with one line: ${name}`, async t => {
    await t.rejects(startGateway(t, { env: { ...env, ...changed } }), {
      name: 'StartupError', message: `Configuration: ${line}`
    })
  })
}
