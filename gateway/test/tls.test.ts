import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { selfSigned } from '../../test/kit/certificate.ts'
import { startBuilt } from '../../test/kit/child.ts'
import { eventually } from '../../test/kit/eventually.ts'
import { scratch } from '../../test/kit/scratch.ts'
import { rawRequest, sendRaw } from '../../test/kit/socket.ts'
import { startGateway } from './support/gateway.ts'

const dir = scratch(t)
const { cert, key } = selfSigned()
const file = (name: string, content: string): string => {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}
const certFile = file('cert.pem', cert)
const keyFile = file('key.pem', key)

t.test('with TLS_CERT_FILE and TLS_KEY_FILE the gateway speaks HTTPS and nothing else', async t => {
  const { port, issuer, upstream } = await startGateway(t, undefined, { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile })
  const [answer] = await once(get({ port, host: '127.0.0.1', path: '/v1/events', ca: cert, agent: false, headers: { authorization: `Bearer ${issuer.tokenOf('USER')}` } }), 'response') as [IncomingMessage]
  answer.resume()
  t.match(answer, { statusCode: 200, headers: { 'strict-transport-security': /^max-age=\d+/ } })
  t.equal(upstream.arrivals.length, 1)
  const oversized = get({ port, host: '127.0.0.1', path: '/v1/events', ca: cert, agent: false, headers: { x: 'y'.repeat(9000) } })
  const [refused] = await once(oversized, 'response') as [IncomingMessage]
  refused.resume()
  t.match(refused, { statusCode: 431 }, 'the limits are those of HTTP')
  t.notMatch((await sendRaw(port, rawRequest('GET /health/live'))).text, 'ok')
})

t.test('a gateway that ends answers what is in flight over TLS, too', async t => {
  const { app, port, issuer, upstream } = await startGateway(t, undefined, { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile })
  // Longer than connections on which nothing was asked are given.
  upstream.answer = (_request, response) => { setTimeout(() => response.end('{}'), 1000) }
  const answer = once(get({ port, host: '127.0.0.1', path: '/v1/events', ca: cert, agent: false, headers: { authorization: `Bearer ${issuer.tokenOf('USER')}` } }), 'response')
  await eventually(async () => upstream.arrivals.length === 1)
  const ended = app.close()
  const [{ statusCode }] = await answer as [IncomingMessage]
  t.equal(statusCode, 200)
  await ended
})

for (const [name, env, line] of [
  ['a certificate without its key', { TLS_CERT_FILE: certFile }, 'TLS_KEY_FILE is missing: TLS needs a certificate and its key'],
  ['a key without its certificate', { TLS_KEY_FILE: keyFile }, 'TLS_CERT_FILE is missing: TLS needs a certificate and its key'],
  ['a file that is not there', { TLS_CERT_FILE: certFile, TLS_KEY_FILE: join(dir, 'none') }, 'TLS_KEY_FILE cannot be read (ENOENT)'],
  ['a file that is no certificate', { TLS_CERT_FILE: file('bad', 'canary'), TLS_KEY_FILE: keyFile }, 'TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its key, both PEM'],
  ['another key', { TLS_CERT_FILE: certFile, TLS_KEY_FILE: file('other', selfSigned().key) }, 'TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its key, both PEM']
] as const) {
  t.test(`one line and no start: ${name}`, async t => {
    await t.rejects(startGateway(t, undefined, env), { name: 'StartupError', message: `Configuration: ${line}` })
  })
}

t.test('the process says it, too', async t => {
  const child = startBuilt(t, 'gateway', { TLS_CERT_FILE: certFile, LOG_LEVEL: 'silent' })
  t.same(await child.exited, { code: 1, signal: null })
  t.equal(child.stderr(), 'laurel gateway: Configuration: TLS_KEY_FILE is missing: TLS needs a certificate and its key\n')
})
