// A game server on Laurel: its players, what they do, and the rewards that the game hands out.
// CLIENT_ID=… CLIENT_SECRET=… node examples/game-server.mjs
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { createClient, isLaurelError } from '@laurel/client'

const { LAUREL_URL = 'http://127.0.0.1:3000', CLIENT_ID = '', CLIENT_SECRET = '', PORT = '4000' } = process.env
const laurel = createClient({
  baseUrl: LAUREL_URL, credentials: { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
})

// The game has authenticated the player. The session is for the game client, which shows events and claims rewards.
async function enter ({ playerId, name }) {
  await laurel.putUser({ userId: playerId, name })
  const { accessToken, refreshToken } = await laurel.startUserSession({ userId: playerId })
  return { accessToken, refreshToken }
}

// The id of the run makes it harmless to report it twice.
async function clearQuest ({ playerId, questId, runId }) {
  const activity = { id: runId, userId: playerId, type: 'quest.cleared', data: { questId } }
  return await laurel.ingestActivities({ activities: [activity] })
}

// The items of a claim are in the player's inventory now.
async function deliver ({ claimId, mailId }) {
  return await laurel.acknowledgeDelivery({ claimId, status: 'DELIVERED', reference: mailId })
}

const routes = { 'POST /enter': enter, 'POST /quests': clearQuest, 'POST /deliveries': deliver }

createServer(async (request, response) => {
  const reply = (status, body) => response.writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify(body))
  try {
    const handle = routes[`${request.method} ${request.url}`]
    if (handle === undefined) return reply(404, { code: 'NOT_FOUND' })
    reply(200, await handle(await json(request)))
  } catch (error) {
    reply(isLaurelError(error) ? error.status : 500, { code: error.code, detail: error.message })
  }
}).listen(Number(PORT), () => { console.log(`The game listens on http://127.0.0.1:${PORT}.`) })
