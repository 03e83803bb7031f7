import t from 'tap'
import { createCall } from '../kit/http/client.ts'
import { createLaurel } from '../kit/http/laurel.ts'
import { eventually } from '../kit/run/eventually.ts'
import { startScript } from '../kit/servers/child.ts'
import { freePort } from '../kit/servers/ports.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const script = new URL('../../examples/game-server.mjs', import.meta.url)

t.test('the game server of docs/integrate.md puts players, starts sessions, reports, and receives grants', async t => {
  const port = await freePort()
  const { urls, admin } = await sharedPlatform()
  const operator = admin.client
  const { clientId, clientSecret } = await operator.createClient({ name: 'game' })
  const { id: eventId } = await operator.createEvent({
    name: 'Clear a quest',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2099-01-01T00:00:00Z',
    condition: { aggregation: 'count', activity: 'quest.cleared', target: 1 },
    rewards: [{ type: 'ITEM', name: 'A sword', itemId: 'sword', amount: 1 }],
    status: 'ACTIVE'
  })

  const url = `http://127.0.0.1:${port}/webhooks`
  const { id: webhookId, secret } = await operator.createWebhook({ url, types: ['claim.granted'] })
  t.teardown(async () => { await operator.deleteWebhook({ webhookId }) })
  const game = startScript(t, script, {
    LAUREL_URL: urls.gateway,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    WEBHOOK_SECRET: secret,
    PORT: String(port)
  })
  await game.prints(/The game listens/)
  const play = createCall(`http://127.0.0.1:${port}`)

  const session = await play('POST', '/enter', { body: { playerId: 'hero-1', name: 'Kim' } })
  t.match(session, { status: 200, body: { accessToken: String, refreshToken: String } })
  const player = createLaurel(urls.gateway, session.body.accessToken)
  t.match(await player.getMyProgress({ eventId }), { eligible: false, progress: { current: 0 } })

  const run = { playerId: 'hero-1', questId: 'q-7', runId: 'run-1' }
  t.match(await play('POST', '/quests', { body: run }), { status: 200, body: { accepted: 1, duplicates: 0 } })
  t.match(await play('POST', '/quests', { body: run }), { status: 200, body: { accepted: 0, duplicates: 1 } })

  const { id: claimId } = await player.claim({ eventId })
  await eventually(async () => {
    const { userId, delivery } = await operator.getClaim({ claimId })
    return userId === 'hero-1' && delivery.status === 'DELIVERED'
  })

  const forged = await play('POST', '/webhooks', { body: { type: 'claim.granted', data: { claimId } } })
  t.match(forged, { status: 500, body: { detail: 'The message is not signed by Laurel.' } })
  const taken = await play('POST', '/enter', { body: { playerId: admin.user.id } })
  t.match(taken, { status: 409, body: { code: 'USER_EXISTS' } }, 'errors of Laurel are passed to the caller')
})

t.test('the game server does not start without the secret, which would accept every signature', async t => {
  for (const WEBHOOK_SECRET of ['', 'whsec_']) {
    const game = startScript(t, script, { WEBHOOK_SECRET, PORT: String(await freePort()) })
    t.same(await game.exited, { code: 1, signal: null })
    t.match(game.stderr(), 'Set WEBHOOK_SECRET to the secret of the webhook.')
  }
})
