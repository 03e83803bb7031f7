import { example, publicContracts } from '@laurel/shared/contracts'
import t from 'tap'
import { eventually } from '../kit/run/eventually.ts'
import { startPlatform } from '../kit/servers/platform.ts'
import { allowReceivers, startReceiver } from '../kit/stand-ins/receiver.ts'
import { createExampleSender } from '../support/example-sender.ts'

// The examples of the OpenAPI document tell one story, which runs here on a fresh platform.

const { call, admin } = await startPlatform(t, allowReceivers)
const { body: document } = await call('GET', '/openapi.json')
const { exampleIds, sent, send } = createExampleSender(t, call, document)
const asAdmin = { token: admin.token }
exampleIds.set(admin.user.id, example.operatorId)

const exampleBody = (path: string) => document.paths[path].post.requestBody.content['application/json'].example

/** Creates the event of the examples. Its id and the ids of its rewards replace the earlier ones. */
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

/** Creates an ACTIVE event as `createEvent` does, with the example reward. */
async function startEvent (overrides: object = {}): Promise<{ readonly id: string }> {
  const event = await createEvent(overrides, [exampleBody('/v1/events/{eventId}/rewards')])
  await activate(event)
  return event
}

async function activate ({ id }: { readonly id: string }): Promise<void> {
  await call('PATCH', `/v1/events/${id}`, { ...asAdmin, body: { status: 'ACTIVE' } })
}

/** Returns the id of the session of this token, or of the user's other session. */
async function sessionOf (asUser: { readonly token: string }, isCurrent: boolean): Promise<string> {
  const { body: { data } } = await call('GET', '/v1/users/me/sessions', asUser)
  return data.find(({ current }: { current: boolean }) => current === isCurrent).id
}

t.test('each example request gets the response of its example', async t => {
  // A user, and a machine client that reports what the user does.
  await send('register', { newId: 'userId' })
  const { body: tokens } = await send('login')
  const asUser = { token: tokens.accessToken }
  await send('authStatus', asUser)
  await send('jwks')
  await send('getMe', asUser)
  await send('updateMe', asUser)
  exampleIds.set(await sessionOf(asUser, true), example.sessionId)
  await send('listMySessions', asUser)
  await send('refresh', { body: { refreshToken: tokens.refreshToken } })
  await send('listUsers', asAdmin)
  await send('getUser', asAdmin)

  const { body: { clientSecret } } = await send('createClient', { ...asAdmin, newId: 'clientId' })
  await send('listClients', asAdmin)
  const { body: { accessToken } } = await send('issueClientToken', { body: { clientSecret } })
  const asService = { token: accessToken }
  await send('rotateClientSecret', asAdmin)
  await send('ingestActivities', asService)
  await send('listActivities', asAdmin)

  // An event that grants points.
  await send('createEvent', { ...asAdmin, newId: 'eventId' })
  await send('addReward', { ...asAdmin, newId: 'rewardId' })
  await send('updateEvent', asAdmin)
  await send('listEvents', asUser)
  await send('evaluateEvent', asAdmin)
  await send('simulateEvent', { ...asAdmin, repeat: true })
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
  await send('exportClaims', asAdmin)
  await send('getStats', asAdmin)
  await send('acknowledgeDelivery', asService)
  await send('listMyLedger', asUser)
  await send('updateReward', asAdmin)
  await send('listEventAudit', asAdmin)

  // An event that grants everything else.
  const bonus = await createEvent({ name: 'Bonus' }, [
    { type: 'CURRENCY', currency: 'gems', name: '20 gems', amount: 20 },
    { type: 'ITEM', itemId: 'sword-7', name: 'Sword', amount: 1 },
    { type: 'COUPON', name: '10% off' }
  ])
  await send('addCouponCodes', asAdmin)
  await activate(bonus)
  await call('POST', `/v1/events/${bonus.id}/claims`, asUser)
  await send('getMyWallet', asUser)
  await send('getWallet', asAdmin)
  await send('listMyCoupons', asUser)

  // Events whose claims an operator reviews.
  for (const operationId of ['approveClaim', 'rejectClaim', 'reviewClaims']) {
    const reviewed = await startEvent({ grantMode: 'REVIEW' })
    await call('POST', `/v1/events/${reviewed.id}/claims`, asUser)
    await send(operationId, asAdmin)
  }

  // Events whose claims are revoked, granted by hand, or claimed with others.
  for (const operationId of ['revokeClaim', 'revokeClaims']) {
    const { id } = await startEvent()
    await call('POST', `/v1/events/${id}/claims`, asUser)
    await send(operationId, asAdmin)
  }
  await startEvent()
  await send('grantRewards', asAdmin)
  await startEvent()
  await send('claimMany', asUser)
  await send('setPause', asAdmin)
  await send('getPause', asAdmin)
  await call('PUT', '/v1/pause', { ...asAdmin, body: { paused: false, reason: 'Corrected' } })

  // A copy of an event, which is deleted.
  await createEvent({}, [exampleBody('/v1/events/{eventId}/rewards')])
  await send('cloneEvent', { ...asAdmin, newId: 'eventId' })
  await send('deleteReward', asAdmin)
  await send('deleteEvent', asAdmin)

  // Webhooks, the second one with a receiver.
  await send('createWebhook', { ...asAdmin, newId: 'webhookId' })
  await send('listWebhooks', asAdmin)
  await send('deleteWebhook', asAdmin)
  const { webhook } = await startReceiver(t, call, admin.token, ['claim.granted'])
  exampleIds.set(webhook.id, example.webhookId)
  const { id } = await startEvent()
  await call('POST', `/v1/events/${id}/claims`, asUser)
  const delivery = await eventually(async () => {
    const { body } = await call('GET', `/v1/webhooks/${webhook.id}/deliveries?status=DELIVERED`, asAdmin)
    return body.data[0]
  })
  exampleIds.set(delivery.id, example.deliveryId)
  exampleIds.set(delivery.messageId, example.messageId)
  await send('listDeliveries', { ...asAdmin, query: '?status=DELIVERED' })
  await send('redeliver', asAdmin)

  // The end of sessions and accounts.
  const login = async (body: object = exampleBody('/v1/auth/login')) =>
    (await call('POST', '/v1/auth/login', { body })).body.accessToken as string
  await login()
  exampleIds.set(await sessionOf(asUser, false), example.sessionId)
  await send('endMySession', asUser)
  await send('updateUser', asAdmin)
  await send('listAccountAudit', asAdmin)
  const token = await login()
  await send('changePassword', { token })
  await send('logout', { token })
  const lee = { email: 'lee@example.com', password: exampleBody('/v1/users/me/delete').password }
  await call('POST', '/v1/auth/register', { body: lee })
  await send('deleteMe', { token: await login(lee) })

  // A player of the game, whose id the game chooses.
  exampleIds.set('hero-1', example.userId)
  for (const operationId of ['putUser', 'putUser', 'startUserSession', 'eraseUser']) await send(operationId, asService)
  await send('deleteClient', asAdmin)

  const unsent = publicContracts.map(({ operationId }) => operationId).filter(operationId => !sent.has(operationId))
  t.same(unsent, [], 'send the examples of these operations in this test')
})
