// Receives webhooks from Laurel and reports each grant as delivered. Needs Node.js 20 or later, no dependencies.
//   LAUREL_URL=http://localhost:3000 CLIENT_ID=… CLIENT_SECRET=… WEBHOOK_SECRET=whsec_… node inventory-receiver.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const { LAUREL_URL = 'http://localhost:3000', PORT = '8080', WEBHOOK_SECRET = '' } = process.env
const { CLIENT_ID, CLIENT_SECRET } = process.env
// With an empty key, anyone could forge a signature.
if (!/^whsec_.{32}/.test(WEBHOOK_SECRET)) throw new Error('Set WEBHOOK_SECRET to the secret of the webhook.')
const key = Buffer.from(WEBHOOK_SECRET.slice('whsec_'.length), 'base64')
const stock = new Map() // By claim, because a message may arrive twice.

function isSigned ({ 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' }, body) {
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < 300)) return false // A replayed message.
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  return signatures.split(' ').some(signature => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

async function post (path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${LAUREL_URL}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return await response.json()
}

async function deliver ({ claimId, userId, rewards }) {
  if (!stock.has(claimId)) stock.set(claimId, { userId, items: rewards.filter(({ type }) => type === 'ITEM') })
  const { accessToken } = await post('/v1/auth/token', { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET })
  await post(`/v1/claims/${claimId}/delivery`, { status: 'DELIVERED', reference: `parcel-${stock.size}` }, accessToken)
}

createServer(async (request, response) => {
  const body = await text(request).catch(() => undefined)
  if (body === undefined) return // The sender closed the connection.
  if (!isSigned(request.headers, body)) return response.writeHead(401).end()
  const { type, data } = JSON.parse(body)
  // With a status other than 2xx, Laurel retries the message.
  const status = type === 'claim.granted' ? await deliver(data).then(() => 204, () => 503) : 204
  response.writeHead(status).end()
}).listen(Number(PORT), () => { console.log(`Listening on port ${PORT}`) })
