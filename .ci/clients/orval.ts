// Register, log in, create an event, claim it, and read a refusal, with orval's fetch client and its zod schemas.
import assert from 'node:assert/strict'
import * as api from './orval/fetch.js'
import { ClaimResponse, CreateEventBody } from './orval/zod.js'

const adminPassword = process.argv[3] ?? ''
const password = 'a long walk by the sea'
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** Returns the values that a user has reached in the leaves. */
function leavesOf (progress: api.Progress): number[] {
  if ('all' in progress) return progress.all.flatMap(leavesOf)
  if ('any' in progress) return progress.any.flatMap(leavesOf)
  return [progress.current]
}

async function login (email: string, password: string): Promise<{ headers: { authorization: string } }> {
  const answer = await api.login({ email, password })
  assert.ok(answer.status === 200)
  return as(answer.data.accessToken)
}

const email = `${crypto.randomUUID()}@example.com`
const registered = await api.register({ email, password })
assert.ok(registered.status === 201)
const user = await login(email, password)
const admin = await login('admin@example.com', adminPassword)

const newEvent: api.NewEvent = {
  name: 'Welcome',
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2036-01-01T00:00:00Z',
  condition: {
    all: [
      { aggregation: 'count', activity: 'user.login', target: 1 },
      { aggregation: 'count', activity: 'quest.cleared', target: 2 }
    ]
  }
}
CreateEventBody.parse(newEvent)
assert.equal(CreateEventBody.safeParse({ ...newEvent, condition: { every: [] } }).success, false)
const created = await api.createEvent(newEvent, admin)
assert.ok(created.status === 201)
const eventId = created.data.id
await api.addReward(eventId, { type: 'POINT', name: '500 points', amount: 500 }, admin)
await api.updateEvent(eventId, { status: 'ACTIVE' }, admin)

const refused = await api.claim(eventId, user)
assert.ok(refused.status === 409)
assert.equal(refused.data.code, 'CONDITIONS_NOT_MET')
assert.deepEqual(leavesOf(refused.data.progress!), [1, 0])

const activities = ['1', '2'].map(id => ({ id, userId: registered.data.id, type: 'quest.cleared' }))
// The operation accepts JSON and CSV; with orval, the caller sets the content type.
const ofJson = { headers: { ...admin.headers, 'content-type': 'application/json' } }
assert.equal((await api.ingestActivities({ activities }, {}, ofJson)).status, 200)
const granted = await api.claim(eventId, user)
assert.ok(granted.status === 201)
ClaimResponse.parse(granted.data)
assert.deepEqual(leavesOf(granted.data.progress!), [1, 2])
