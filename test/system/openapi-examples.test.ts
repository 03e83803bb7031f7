import { example, publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { startPlatform } from '../kit/servers/platform.ts'
import { createExampleSender } from '../support/example-sender.ts'

// The examples of the OpenAPI document tell one story, which runs here on a fresh platform.

const { call, admin } = await startPlatform(t)
const { body: document } = await call('GET', '/openapi.json')
const { exampleIds, sent, send } = createExampleSender(t, call, document)
const asAdmin = { token: admin.token }
exampleIds.set(admin.user.id, example.operatorId)

const exampleBody = (path: string) => document.paths[path].post.requestBody.content['application/json'].example

/** Creates an event like that of the examples. Its id and the ids of its rewards replace the earlier ones. */
async function createEvent (overrides: object, rewards: readonly object[]): Promise<{ readonly id: string }> {
  const body = { ...exampleBody('/v1/events'), ...overrides }
  const { body: event } = await call('POST', '/v1/events', { ...asAdmin, body })
  for (const reward of rewards) {
    const created = await call('POST', `/v1/events/${event.id}/rewards`, { ...asAdmin, body: reward })
    exampleIds.set(created.body.id, example.rewardId)
  }
  exampleIds.set(event.id, example.eventId)
  return event
}

async function activate ({ id }: { readonly id: string }): Promise<void> {
  await call('PATCH', `/v1/events/${id}`, { ...asAdmin, body: { status: 'ACTIVE' } })
}

const unsent = [
  'deleteMe', 'endMySession', 'putUser', 'startUserSession', 'eraseUser', 'rotateClientSecret', 'deleteEvent',
  'cloneEvent', 'simulateEvent', 'deleteReward', 'claimMany', 'reviewClaims', 'revokeClaim', 'revokeClaims',
  'acknowledgeDelivery', 'grantRewards', 'exportClaims', 'getStats', 'getPause', 'setPause', 'listDeliveries',
  'redeliver'
]

t.test('each example request gets the response of its example', async t => {
  // A user, and a machine client that reports what the user does.
  await send('register', { newId: 'userId' })
  const { body: tokens } = await send('login')
  const asUser = { token: tokens.accessToken }
  await send('authStatus', asUser)
  await send('jwks')
  await send('getMe', asUser)
  await send('updateMe', asUser)
  await send('listMySessions', asUser)
  await send('refresh', { body: { refreshToken: tokens.refreshToken } })
  await send('listUsers', asAdmin)
  await send('getUser', asAdmin)

  const { body: { clientSecret } } = await send('createClient', { ...asAdmin, newId: 'clientId' })
  await send('listClients', asAdmin)
  const { body: { accessToken } } = await send('issueClientToken', { body: { clientSecret } })
  await send('ingestActivities', { token: accessToken })
  await send('listActivities', asAdmin)

  // An event that grants points.
  await send('createEvent', { ...asAdmin, newId: 'eventId' })
  await send('addReward', { ...asAdmin, newId: 'rewardId' })
  await send('updateEvent', asAdmin)
  await send('listEvents', asUser)
  await send('evaluateEvent', asAdmin)
  await send('getMyProgress', asUser)
  await send('listMyEvents', asUser)
  await send('claim', asUser)
  for (const operationId of ['getEvent', 'listRewards', 'getReward']) {
    await send(operationId, { ...asUser, repeat: true })
  }
  await send('getEventStats', { ...asAdmin, repeat: true })
  await send('getClaim', asUser)
  await send('listMyClaims', asUser)
  await send('listClaims', asAdmin)
  await send('listMyLedger', asUser)
  await send('updateReward', asAdmin)
  await send('listEventAudit', asAdmin)

  // An event that grants everything else.
  const bonus = await createEvent({ name: 'Bonus' }, [
    { type: 'CURRENCY', currency: 'gems', name: '20 gems', amount: 20 },
    { type: 'ITEM', itemId: 'sword-7', name: 'Sword', amount: 1 },
    { type: 'COUPON', name: '10 % off' }
  ])
  await send('addCouponCodes', asAdmin)
  await activate(bonus)
  await call('POST', `/v1/events/${bonus.id}/claims`, asUser)
  await send('getMyWallet', asUser)
  await send('getWallet', asAdmin)
  await send('listMyCoupons', asUser)

  // Events whose claims an operator reviews.
  for (const operationId of ['approveClaim', 'rejectClaim']) {
    const reviewed = await createEvent({ grantMode: 'REVIEW' }, [exampleBody('/v1/events/{eventId}/rewards')])
    await activate(reviewed)
    await call('POST', `/v1/events/${reviewed.id}/claims`, asUser)
    await send(operationId, asAdmin)
  }

  // A webhook. Its deliveries need a receiver.
  await send('createWebhook', { ...asAdmin, newId: 'webhookId' })
  await send('listWebhooks', asAdmin)
  await send('deleteWebhook', asAdmin)

  // The end of sessions and accounts.
  await send('updateUser', asAdmin)
  await send('listAccountAudit', asAdmin)
  const { body: session } = await call('POST', '/v1/auth/login', { body: exampleBody('/v1/auth/login') })
  await send('changePassword', { token: session.accessToken })
  await send('logout', { token: session.accessToken })
  await send('deleteClient', asAdmin)

  // These need a state, a password or an id that this story does not produce.
  const rest = publicContracts.map(({ operationId }) => operationId).filter(operationId => !sent.has(operationId))
  t.same(rest.toSorted(), unsent.toSorted(), 'every other example was sent')
})
