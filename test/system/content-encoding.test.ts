import { contracts, publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { createCall } from '../kit/http/client.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const { call, urls, admin: { token } } = await sharedPlatform()
const services = { 'auth-service': createCall(urls.auth), 'event-service': createCall(urls.event) }

t.test('415 for a content coding, for every operation, at the gateway and at the service', async t => {
  const headers = { 'content-encoding': 'gzip' }
  for (const contract of contracts) {
    const { method, url, service } = contract
    const path = url.replaceAll(/:[A-Za-z]+/g, 'does-not-exist')
    const sends = publicContracts.includes(contract) ? [call, services[service]] : [services[service]]
    for (const send of sends) {
      for (const body of method === 'GET' ? [undefined] : [undefined, {}]) {
        const answer = await send(method, path, { token, body, headers })
        t.match(answer, { status: 415, body: { code: 'UNSUPPORTED_MEDIA_TYPE' } }, `${method} ${path}`)
        t.equal(answer.headers.get('accept-encoding'), 'identity')
      }
    }
  }
})

t.test('a request with the coding identity is answered like one without', async t => {
  const headers = { 'content-encoding': 'identity' }
  t.match(await call('GET', '/v1/users/me', { token, headers }), { status: 200 })
  const login = await call('POST', '/v1/auth/login', { headers, body: { email: 'nobody@example.com', password: 'x' } })
  t.match(login, { status: 401 })
})
