// Creates claims with text that a spreadsheet could misread. Writes the export to claims.csv and the responses to
// claims.json.
import { writeFileSync } from 'node:fs'

const [url, password] = process.argv.slice(2)
const json = { 'content-type': 'application/json' }
let token

async function call (method, path, body) {
  const headers = { ...json, ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return await response.json()
}

token = (await call('POST', '/v1/auth/login', { email: 'admin@example.com', password })).accessToken
const { clientId, clientSecret } = await call('POST', '/v1/clients', { name: 'game' })
const admin = token
token = (await call('POST', '/v1/auth/token', { clientId, clientSecret })).accessToken
// Ids from a game: digits, digits around an "e", ids that look like dates or Booleans, and leading zeros.
const userIds = ['123456789012345678', '12e34', '2026-11-25', '0007', 'TRUE', '-5', 'kim']
for (const userId of userIds) await call('PUT', `/v1/users/${userId}`, { name: userId })

token = admin
const names = ['=SUM(A1:A9)', '+82 쿠폰', '-1', '@겨울 출석', '＝전각', '보석, "큰" 상자', '줄\n바꿈', '007', '1/2', '3월 1일']
for (const [index, name] of names.entries()) {
  const { id } = await call('POST', '/v1/events', {
    name,
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2099-01-01T00:00:00Z',
    timeZone: 'Asia/Seoul',
    claimPeriod: ['EVENT', 'DAY', 'WEEK', 'MONTH'][index % 4],
    status: 'ACTIVE',
    rewards: [
      { type: 'POINT', name, amount: 1_000_000_000 },
      { type: 'ITEM', name: `${name} 아이템`, itemId: '1e5', amount: 1 }
    ]
  })
  const grants = userIds.map(userId => ({ userId }))
  await call('POST', `/v1/events/${id}/grants`, { grants, condition: 'CHECK', reason: name })
}

const response = await fetch(`${url}/v1/claims/export`, { headers: { authorization: `Bearer ${token}` } })
writeFileSync('claims.csv', Buffer.from(await response.arrayBuffer()))
const claims = []
for (let cursor = ''; cursor !== null;) {
  const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const page = await call('GET', `/v1/claims?limit=100${query}`)
  claims.push(...page.data)
  cursor = page.nextCursor
}
const events = {}
for (const id of new Set(claims.map(({ eventId }) => eventId))) events[id] = await call('GET', `/v1/events/${id}`)
writeFileSync('claims.json', JSON.stringify({ claims, events }))
