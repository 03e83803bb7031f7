// A game server that uses Laurel for its players, their activities and their rewards.
// CLIENT_ID=… CLIENT_SECRET=… WEBHOOK_SECRET=whsec_… node examples/game-server.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createClient, isLaurelError } from '@laurel/client'

const { LAUREL_URL: baseUrl = 'http://127.0.0.1:3000', PORT = '4000', ...env } = process.env
const laurel = createClient({ baseUrl, credentials: { clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET } })
// With an empty key, anyone could forge a signature.
if (!/^whsec_.{32}/.test(env.WEBHOOK_SECRET)) throw new Error('Set WEBHOOK_SECRET to the secret of the webhook.')
const webhookKey = Buffer.from(env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64')

// The game has authenticated the player. The session is for the game client, which shows events and claims rewards.
async function enter ({ playerId, name }) {
  await laurel.putUser({ userId: playerId, name })
  const { accessToken, refreshToken } = await laurel.startUserSession({ userId: playerId })
  return { accessToken, refreshToken }
}

// The id of the run makes it safe to report the activity twice.
async function clearQuest ({ playerId, questId, runId }) {
  const activity = { id: runId, userId: playerId, type: 'quest.cleared', data: { questId } }
  return await laurel.ingestActivities({ activities: [activity] })
}

// Laurel has granted rewards: add them to the player's inventory, once per claim, then acknowledge the delivery.
async function receive ({ type, data }, body, headers) {
  const [id, at, given = ''] = ['id', 'timestamp', 'signature'].map(name => headers[`webhook-${name}`])
  const expected = `v1,${createHmac('sha256', webhookKey).update(`${id}.${at}.${body}`).digest('base64')}`
  const isSigned = given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))
  if (!isSigned || !(Math.abs(Date.now() / 1000 - at) < 300)) throw new Error('The message is not signed by Laurel.')
  if (type === 'claim.granted') await laurel.acknowledgeDelivery({ claimId: data.claimId, status: 'DELIVERED' })
}

const routes = { 'POST /enter': enter, 'POST /quests': clearQuest, 'POST /webhooks': receive }

createServer(async (request, response) => {
  const reply = (status, answer) => response.writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(answer ?? {}))
  try {
    const [handle, body] = [routes[`${request.method} ${request.url}`], await text(request)]
    reply(handle ? 200 : 404, await handle?.(JSON.parse(body), body, request.headers))
  } catch (error) {
    reply(isLaurelError(error) ? error.status : 500, { code: error.code, detail: error.message })
  }
}).listen(Number(PORT), () => { console.log(`The game listens on http://127.0.0.1:${PORT}.`) })
