import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { eventually } from '../kit/run/eventually.ts'
import { startScript } from '../kit/servers/child.ts'
import { startedEvent } from '../kit/servers/events.ts'
import { freePort } from '../kit/servers/ports.ts'
import { sharedPlatform } from '../kit/servers/shared-platform.ts'

const script = new URL('../../examples/inventory-receiver.mjs', import.meta.url)

t.test('the example receiver checks the signature and reports the delivery of a grant', async t => {
  const { admin: { client: admin }, urls, signIn } = await sharedPlatform()
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const { id: webhookId, secret } = await admin.createWebhook({ url, types: ['claim.granted'] })
  t.teardown(async () => { await admin.deleteWebhook({ webhookId }) })
  const { clientId, clientSecret } = await admin.createClient({ name: 'Inventory' })
  startScript(t, script, {
    LAUREL_URL: urls.gateway,
    CLIENT_ID: clientId,
    CLIENT_SECRET: clientSecret,
    WEBHOOK_SECRET: secret,
    PORT: String(port)
  })
  await eventually(async () => await fetch(url, { method: 'POST' }).then(({ status }) => status === 401, () => false))

  const item = { type: 'ITEM', itemId: 'sword-7', name: 'A sword', amount: 1 }
  const { id: eventId } = await admin.createEvent(startedEvent(null, { rewards: [item] }))
  const { client: user } = await signIn('USER')
  const claim = await user.claim({ eventId })
  t.equal(claim.delivery.status, 'PENDING')
  const delivery = await eventually(async () => {
    const { delivery } = await admin.getClaim({ claimId: claim.id })
    return delivery.status === 'DELIVERED' && delivery
  })
  t.match(delivery, { reference: 'parcel-1' })

  const body = JSON.stringify({ type: 'claim.granted', data: { claimId: 'made-up', rewards: [] } })
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const send = async (timestamp: number, key: Buffer, content = body) => {
    const signature = createHmac('sha256', key).update(`msg_1.${timestamp}.${body}`).digest('base64')
    const headers = {
      'webhook-id': 'msg_1', 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}`
    }
    return (await fetch(url, { method: 'POST', headers, body: content })).status
  }
  const now = Math.floor(Date.now() / 1000)
  t.equal(await send(now, key), 503, 'the signature is right, but the claim does not exist')
  t.equal(await send(now, Buffer.from('another key')), 401)
  t.equal(await send(now, key, `${body} `), 401)
  t.equal(await send(now - 3600, key), 401)
  t.equal(await send(now, Buffer.alloc(0)), 401)

  const socket = connect(port, '127.0.0.1')
  socket.end('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf')
  await once(socket.resume(), 'close')
  t.equal(await send(now - 3600, key), 401, 'it keeps working after a sender has disconnected')
})

t.test('the example receiver does not start without the secret, which would accept every signature', async t => {
  for (const WEBHOOK_SECRET of ['', 'whsec_']) {
    const receiver = startScript(t, script, { WEBHOOK_SECRET, PORT: String(await freePort()) })
    t.same(await receiver.exited, { code: 1, signal: null })
  }
})
