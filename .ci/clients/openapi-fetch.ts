// Register, log in, create an event, claim it, and read a refusal, with openapi-typescript and openapi-fetch.
import assert from 'node:assert/strict'
import createClient from 'openapi-fetch'
import type { components, paths } from './api.d.ts'

const [url = '', adminPassword = ''] = process.argv.slice(2)
const password = 'a long walk by the sea'
const { GET, POST, PATCH } = createClient<paths>({ baseUrl: url })
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** Returns the data of an answer. */
function dataOf<T> ({ data, error }: { data?: T, error?: unknown }): T {
  assert.ok(data, JSON.stringify(error))
  return data
}

/** Returns the values that a user has reached in the leaves. */
function leavesOf (progress: components['schemas']['Progress']): number[] {
  if ('all' in progress) return progress.all.flatMap(leavesOf)
  if ('any' in progress) return progress.any.flatMap(leavesOf)
  return [progress.current]
}

const email = `${crypto.randomUUID()}@example.com`
const user = dataOf(await POST('/v1/auth/register', { body: { email, password } }))
const { accessToken } = dataOf(await POST('/v1/auth/login', { body: { email, password } }))
const admin = dataOf(await POST('/v1/auth/login', { body: { email: 'admin@example.com', password: adminPassword } }))

const condition: components['schemas']['Condition'] = {
  all: [
    { aggregation: 'count', activity: 'user.login', target: 1 },
    {
      aggregation: 'count',
      activity: 'quest.cleared',
      where: [{ property: 'questId', op: 'in', value: ['q-7'] }],
      target: 2
    }
  ]
}
const body = { name: 'Welcome', startsAt: '2026-01-01T00:00:00Z', endsAt: '2036-01-01T00:00:00Z', condition }
const event = dataOf(await POST('/v1/events', { body, ...as(admin.accessToken) }))
const params = { path: { eventId: event.id } }
dataOf(await POST('/v1/events/{eventId}/rewards', {
  params, body: { type: 'POINT', name: '500 points', amount: 500 }, ...as(admin.accessToken)
}))
dataOf(await PATCH('/v1/events/{eventId}', { params, body: { status: 'ACTIVE' }, ...as(admin.accessToken) }))

const refused = await POST('/v1/events/{eventId}/claims', { params, ...as(accessToken) })
assert.equal(refused.response.status, 409)
const problem = refused.error as components['schemas']['ClaimProblem']
assert.equal(problem.code, 'CONDITIONS_NOT_MET')
assert.deepEqual(leavesOf(problem.progress!), [1, 0])

const activities = ['1', '2'].map(id => ({ id, userId: user.id, type: 'quest.cleared', data: { questId: 'q-7' } }))
dataOf(await POST('/v1/activities', { body: { activities }, ...as(admin.accessToken) }))
const claim = dataOf(await POST('/v1/events/{eventId}/claims', { params, ...as(accessToken) }))
assert.equal(claim.status, 'GRANTED')
assert.deepEqual(leavesOf(claim.progress!), [1, 2])
assert.equal(dataOf(await GET('/v1/users/me/wallet', as(accessToken))).points, 500)
