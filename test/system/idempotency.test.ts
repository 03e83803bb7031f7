import t from 'tap'
import { eventually } from '../kit/run/eventually.ts'
import { activeEvent, startedEvent } from '../kit/servers/events.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const { call, admin: { token }, signIn } = await sharedPlatform()

t.test('201 idempotent-replayed: createEvent gets its event again after the event has ended', async t => {
  const body = startedEvent(null, { endsAt: new Date(Date.now() + 2500).toISOString() })
  const create = async (key: string) =>
    await call('POST', '/v1/events', { token, body, headers: { 'idempotency-key': key } })
  const { status, body: { id } } = await create('system-1')
  t.equal(status, 201)
  await eventually(async () => {
    const { body: { phase } } = await call('GET', `/v1/events/${id}`, { token })
    return phase === 'ENDED' ? true : undefined
  })
  const again = await create('system-1')
  t.match(again, { status: 201, body: { id, phase: 'ENDED' } })
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  t.match(await create('system-2'), { status: 409, body: { code: 'EVENT_ENDED' } }, 'another key')
})

t.test('200 idempotent-replayed: grantRewards gets its grants again after users were disabled or erased', async t => {
  const eventId = await activeEvent(call, token)
  const [disabled, erased] = [await signIn('USER'), await signIn('USER')]
  const grants = [{ userId: disabled.user.id }, { userId: erased.user.id }]
  const grant = async (key: string) => await call('POST', `/v1/events/${eventId}/grants`, {
    token, body: { grants, condition: 'CHECK', reason: 'an outage' }, headers: { 'idempotency-key': key }
  })
  const first = await grant('system-1')
  await call('PATCH', `/v1/users/${disabled.user.id}`, { token, body: { status: 'DISABLED' } })
  t.match(await call('POST', `/v1/users/${erased.user.id}/erase`, { token }), { status: 204 })

  const again = await grant('system-1')
  t.equal(again.headers.get('idempotent-replayed'), 'true')
  const results = grants.map(({ userId }) => ({ userId, ok: true, claim: { id: `${eventId}_${userId}_EVENT` } }))
  t.match(first.body, { results })
  t.match(again, { status: 200, body: { results } })
  t.match((await grant('system-2')).body.results, [{ code: 'USER_NOT_ACTIVE' }, { code: 'USER_NOT_FOUND' }])
})
