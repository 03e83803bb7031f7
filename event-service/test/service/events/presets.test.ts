import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Condition } from '@laurel/shared/contracts'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { as, newUserId } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call } = await sharedEventService()
const operator = as('OPERATOR')
const folder = 'examples/events'
const now = Date.now()
const daysAgo = (days: number): object => ({ occurredAt: new Date(now - days * 86_400_000).toISOString() })
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const onDays = (...days: readonly number[]): object[] => days.map(day => ({ type: 'user.visited', ...daysAgo(day) }))
const inviting = (count: number): object[] =>
  upTo(count).map(index => ({ type: 'friend.invited', data: { inviteeId: `friend-${index}` } }))
const spending = (...values: readonly number[]): object[] => values.map(value => ({ type: 'shop.purchased', value }))
const clearing = (difficulty: string): object[] =>
  [{ type: 'quest.cleared', data: { questId: 'dragon-cave', difficulty } }]

interface Expected {
  /** The activities of a user who has almost met the condition. */
  readonly almost?: readonly object[]
  /** The activities of another user who has met the condition. */
  readonly met: readonly object[]
  readonly status: 'GRANTED' | 'PENDING'
  readonly rewards: readonly object[]
}

const presets: Readonly<Record<string, Expected>> = {
  attendance: {
    almost: onDays(0, 1, 1), met: onDays(0, 3, 9), status: 'GRANTED', rewards: [{ type: 'POINT', amount: 300 }]
  },
  board: {
    almost: onDays(0, 1), met: onDays(0, 1, 2), status: 'GRANTED', rewards: [{ type: 'POINT', amount: 300 }]
  },
  'coupon-drop': { met: [], status: 'GRANTED', rewards: [{ type: 'COUPON', couponCode: 'CODE-1' }] },
  'daily-bonus': {
    almost: onDays(1),
    met: onDays(0),
    status: 'GRANTED',
    rewards: [{ type: 'POINT', amount: 50 }, { type: 'ITEM', itemId: 'potion' }]
  },
  invitation: {
    almost: [...inviting(2), ...inviting(2)],
    met: inviting(3),
    status: 'GRANTED',
    rewards: [{ type: 'CURRENCY', currency: 'DIAMOND', amount: 500 }]
  },
  'purchase-sum': {
    almost: spending(60, 39.99), met: spending(60, 39.99, 0.01), status: 'GRANTED', rewards: [{ amount: 1000 }]
  },
  quest: {
    almost: clearing('easy'),
    met: clearing('nightmare'),
    status: 'GRANTED',
    rewards: [{ itemId: 'dragon-sword', attributes: { grade: 'epic', tradable: false } }]
  },
  streak: {
    almost: onDays(0, 1, 2, 5, 6, 7, 8),
    met: onDays(0, 1, 2, 4, 5, 6, 7),
    status: 'PENDING',
    rewards: [{ itemId: 'golden-laurel' }]
  }
}

/** Creates the event of the file, fills its pool of codes, and activates it if it is not ACTIVE yet. */
async function startPreset (t: Test, name: string): Promise<string> {
  const body = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as { condition: Condition | null }
  const { status, body: event } = await call('POST', '/v1/events', { token: operator, body })
  t.equal(status, 201)
  t.hasStrict(event.condition, body.condition)
  const path = `/v1/events/${event.id as string}`
  for (const { id, type } of event.rewards) {
    if (type !== 'COUPON') continue
    await call('POST', `${path}/rewards/${id as string}/codes`, { token: operator, body: { codes: ['CODE-1'] } })
  }
  if (event.status === 'INACTIVE') await call('PATCH', path, { token: operator, body: { status: 'ACTIVE' } })
  t.hasStrict((await call('GET', path, { token: operator })).body, { status: 'ACTIVE', phase: 'RUNNING' })
  return event.id
}

/** Reports the activities of a new user and claims. */
async function claimAfter (eventId: string, did: readonly object[]): Promise<Answer> {
  const userId = newUserId()
  const activities = did.map((activity, index) => ({ id: String(index), userId, ...activity }))
  if (activities.length > 0) {
    const { body } = await call('POST', '/v1/activities', { token: as('ADMIN'), body: { activities } })
    if (body.accepted !== activities.length) throw new Error(`not accepted: ${JSON.stringify(body)}`)
  }
  return await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
}

for (const [name, { almost, met, status, rewards }] of Object.entries(presets)) {
  t.test(`201: the preset ${name} grants its rewards to a user who meets its condition`, async t => {
    const eventId = await startPreset(t, name)
    if (almost !== undefined) {
      t.hasStrict(await claimAfter(eventId, almost), { status: 409, body: { code: 'CONDITIONS_NOT_MET' } })
    }
    t.hasStrict(await claimAfter(eventId, met), { status: 201, body: { status, rewards } })
  })
}

t.test('every preset has a test', async t => {
  t.strictSame(readdirSync(folder).map(file => file.replace(/\.json$/, '')).sort(), Object.keys(presets).sort())
})
