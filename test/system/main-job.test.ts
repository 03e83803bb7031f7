import t from 'tap'
import { activeEvent } from '../kit/servers/events.ts'
import { startPlatform } from '../kit/servers/platform.ts'

t.test('the main job: an operator defines an event, a user who meets its condition gets the reward once', async t => {
  const { call, signIn } = await startPlatform(t)
  const operator = await signIn('OPERATOR')
  const auditor = await signIn('AUDITOR')
  const user = await signIn('USER')
  const eventId = await activeEvent(call, operator.token, { aggregation: 'count', activity: 'user.login', target: 1 })

  const claim = await call('POST', `/v1/events/${eventId}/claims`, { token: user.token })
  t.equal(claim.status, 201)
  t.match(claim.body, {
    status: 'GRANTED',
    userId: user.user.id,
    rewards: [{ type: 'POINT', amount: 500 }],
    progress: { current: 1, met: true }
  })

  const again = await call('POST', `/v1/events/${eventId}/claims`, { token: user.token })
  t.equal(again.status, 409)
  t.match(again.body, { code: 'ALREADY_CLAIMED', claim: { id: claim.body.id, status: 'GRANTED' } })

  t.match(await call('GET', '/v1/users/me/wallet', { token: user.token }), { status: 200, body: { points: 500 } })
  const { body } = await call('GET', `/v1/claims?userId=${user.user.id}`, { token: auditor.token })
  t.match(body, { data: [{ id: claim.body.id, history: [{ to: 'GRANTED', by: user.user.id }] }] })
})
