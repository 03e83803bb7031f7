import { publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { eventually } from '../kit/run/eventually.ts'
import { createCall, type Answer } from '../kit/http/client.ts'
import { adminEmail, password } from '../kit/servers/auth.ts'
import { activeEvent } from '../kit/servers/events.ts'
import { login, registerAndLogin } from '../kit/servers/platform.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'
import { startReceiver } from '../kit/stand-ins/receiver.ts'

const { call, urls, admin: { token, user: { id: userId } } } = await sharedPlatform()
const services = { 'auth-service': createCall(urls.auth), 'event-service': createCall(urls.event) }

/** Headers of one request, one connection, or the rate limit. */
const own = new Set(['connection', 'date', 'keep-alive', 'ratelimit', 'ratelimit-policy', 'x-request-id'])

/** Everything that HEAD and GET have in common. A streamed response has no `content-length`. */
function comparable ({ status, headers }: Answer) {
  // A response to HEAD need not have it (RFC 9112, 6.1).
  const kept = [...headers].filter(([name]) => !own.has(name) && name !== 'transfer-encoding')
  return { status, headers: Object.fromEntries(kept) }
}

t.test('200: HEAD has the headers of GET and no body, for every operation that has GET', async t => {
  // Two entries in every list, so that a page with one entry has a cursor.
  const coupon = (name: string) => ({ type: 'COUPON', name })
  const eventIds = [await activeEvent(call, token), await activeEvent(call, token, null, [coupon('a'), coupon('b')])]
  const [eventId = '', withCoupons = ''] = eventIds
  const { body: { data: coupons } } = await call('GET', `/v1/events/${withCoupons}/rewards`, { token })
  for (const { id } of coupons) {
    await call('POST', `/v1/events/${withCoupons}/rewards/${id}/codes`, { token, body: { codes: [`code-${id}`] } })
  }
  const { webhook } = await startReceiver(t, call, token, ['claim.granted'])
  const { webhook: other } = await startReceiver(t, call, token, ['claim.revoked'])
  for (const { id } of [webhook, other]) {
    t.teardown(async () => { await call('DELETE', `/v1/webhooks/${id}`, { token }) })
  }
  for (const id of eventIds) t.match(await call('POST', `/v1/events/${id}/claims`, { token }), { status: 201 })
  const activities = ['a', 'b'].map(id => ({ id, userId, type: 'head.tested' }))
  await call('POST', '/v1/activities', { token, body: { activities } })
  await registerAndLogin(urls.gateway)
  const { client } = await login(urls.gateway, adminEmail, password)
  t.teardown(async () => { await client.logout() })
  for (const name of ['one', 'two']) {
    const { body: { clientId } } = await call('POST', '/v1/clients', { token, body: { name } })
    t.teardown(async () => { await call('DELETE', `/v1/clients/${clientId}`, { token }) })
  }
  await eventually(async () => {
    const { body } = await call('GET', `/v1/webhooks/${webhook.id}/deliveries?status=DELIVERED`, { token })
    return body.data.length === 2 ? true : undefined
  })

  const { body: { data: [{ id: rewardId }] } } = await call('GET', `/v1/events/${eventId}/rewards`, { token })
  const ids: Readonly<Record<string, string>> = {
    userId, eventId, rewardId, claimId: `${eventId}_${userId}_EVENT`, webhookId: webhook.id
  }
  const range = 'grantedFrom=2026-01-01T00:00:00Z&grantedTo=2026-12-31T00:00:00Z'
  for (const { operationId, method, url, service, schema } of publicContracts) {
    if (method !== 'GET') continue
    const { properties = {} } = (schema.querystring ?? {}) as { properties?: object }
    const isList = 'cursor' in properties
    const query = isList ? '?limit=1' : operationId === 'getStats' ? `?${range}` : ''
    const path = url.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
      const id = ids[name]
      if (id === undefined) throw new Error(`${operationId}: add the id of a ${name} to this test.`)
      return id
    }) + query
    for (const [place, send] of [['gateway', call], [service, services[service]]] as const) {
      const [get, head] = [await send('GET', path, { token }), await send('HEAD', path, { token })]
      t.equal(get.status, 200, `${operationId}: ${path}; add its ids or its query to this test`)
      const hint = 'create two entries in this test'
      if (isList) t.type(get.body.nextCursor, 'string', `${operationId}: ${path} has a next page; ${hint}`)
      t.same(comparable(head), comparable(get), `${path} at the ${place}`)
      t.equal(head.body, '')
    }
  }
})

t.test('HEAD has the status and the headers of GET if the operation refuses', async t => {
  for (const [path, status] of [
    ['/v1/events/nothing', 404], ['/v1/events?cursor=x', 400], ['/v1/claims/export?limit=3', 400], ['/v1/nothing', 404]
  ] as const) {
    const [get, head] = [await call('GET', path, { token }), await call('HEAD', path, { token })]
    t.equal(get.status, status)
    t.same(comparable(head), comparable(get), path)
  }
})
