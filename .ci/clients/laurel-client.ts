// The same story with @laurel/client, installed from the file that `npm pack` makes.
import assert from 'node:assert/strict'
import { createClient, isLaurelError, type Condition } from '@laurel/client'

const [baseUrl = '', adminPassword = ''] = process.argv.slice(2)
const password = 'a long walk by the sea'
const operator = createClient({ baseUrl })
await operator.login({ email: 'admin@example.com', password: adminPassword })

const user = createClient({ baseUrl })
const email = `${crypto.randomUUID()}@example.com`
const { id: userId } = await user.register({ email, password })
await user.login({ email, password })

const condition: Condition = {
  all: [
    { aggregation: 'count', activity: 'user.login', target: 1 },
    { any: [{ aggregation: 'count', activity: 'quest.cleared', target: 2 }] }
  ]
}
const dates = { startsAt: '2026-01-01T00:00:00Z', endsAt: '2036-01-01T00:00:00Z' }
const { id: eventId } = await operator.createEvent({ name: 'Welcome', ...dates, condition })
await operator.addReward({ eventId, type: 'POINT', name: '500 points', amount: 500 })
await operator.updateEvent({ eventId, status: 'ACTIVE' })
// @ts-expect-error The package contains the types: a property that does not exist is an error.
await assert.rejects(operator.updateEvent({ eventId, colour: 'red' }))

const refusal: unknown = await user.claim({ eventId }).catch((error: unknown) => error)
assert.ok(isLaurelError(refusal) && refusal.code === 'CONDITIONS_NOT_MET')
assert.equal(refusal.progress.met, false)

await operator.ingestActivities({ activities: ['1', '2'].map(id => ({ id, userId, type: 'quest.cleared' })) })
const claim = await user.claim({ eventId })
assert.equal(claim.status, 'GRANTED')
assert.equal((await user.getMyWallet()).points, 500)
