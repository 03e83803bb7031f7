import type { NewActivity } from '@laurel/shared/contracts'
import t from 'tap'
import { screenActivities, type Sender } from '../../../src/domain/activity.ts'

const now = new Date('2026-11-21T12:00:00.000Z')
const service: Sender = { id: 'shop', role: 'SERVICE' }
const admin: Sender = { id: 'an-admin', role: 'ADMIN' }
const platform: Sender = { id: 'platform', role: 'PLATFORM' }
const minute = 60_000
const hour = 3_600_000

function codeOf (sender: Sender, given: Partial<NewActivity>): string | undefined {
  const { accepted, rejected } = screenActivities(
    [{ id: 'one', userId: 'somebody', type: 'quest.cleared', ...given }],
    sender,
    now
  )
  t.equal(accepted.length + rejected.length, 1)
  return rejected[0]?.code
}

const ago = (milliseconds: number) => ({ occurredAt: new Date(now.getTime() - milliseconds).toISOString() })

t.test('an accepted activity has its sender and instant; without occurredAt the instant is now', async t => {
  const given = { id: 'one', userId: 'somebody', type: 'quest.cleared', value: 1.5, data: { questId: 'q-7' } }
  t.strictSame(
    screenActivities([given, { ...given, id: 'two', occurredAt: '2026-11-21T20:00:00+09:00' }], service, now),
    {
      accepted: [
        { ...given, sender: 'shop', occurredAt: now },
        { ...given, id: 'two', sender: 'shop', occurredAt: new Date('2026-11-21T11:00:00Z') }
      ],
      rejected: []
    }
  )
})

t.test('RESERVED_TYPE: event.* cannot be reported', async t => {
  for (const sender of [service, admin, platform]) {
    for (const type of ['event.granted', 'event.x']) t.equal(codeOf(sender, { type }), 'RESERVED_TYPE', type)
    for (const type of ['event', 'events.seen', 'my.event.x']) t.equal(codeOf(sender, { type }), undefined, type)
  }
})

t.test('RESERVED_TYPE: only the platform and an ADMIN may report user.* and friend.*', async t => {
  for (const type of ['user.login', 'user.visited', 'friend.invited', 'user.x']) {
    t.equal(codeOf(service, { type }), 'RESERVED_TYPE', type)
    t.equal(codeOf(admin, { type }), undefined, `${type} by ADMIN`)
    t.equal(codeOf(platform, { type }), undefined, `${type} by the platform`)
  }
  for (const type of ['user', 'users.login', 'my.user.login', 'friendly.fire']) {
    t.equal(codeOf(service, { type }), undefined, type)
  }
})

t.test('OCCURRED_IN_FUTURE: an activity can be at most 5 minutes ahead, for all senders', async t => {
  for (const sender of [service, admin, platform]) {
    t.equal(codeOf(sender, ago(-5 * minute)), undefined)
    t.equal(codeOf(sender, ago(-5 * minute - 1)), 'OCCURRED_IN_FUTURE')
  }
})

t.test('OCCURRED_TOO_LONG_AGO: a machine client may report activities of the last 48 hours', async t => {
  t.equal(codeOf(service, ago(48 * hour)), undefined)
  t.equal(codeOf(service, ago(48 * hour + 1)), 'OCCURRED_TOO_LONG_AGO')
  t.equal(codeOf(admin, ago(9000 * hour)), undefined, 'an ADMIN may backfill')
  t.equal(codeOf(platform, ago(9000 * hour)), undefined, 'the platform may deliver late after an outage')
})

t.test('VALUE_OUT_OF_RANGE: a value must be 0 to 1,000,000,000 with at most 3 decimal places', async t => {
  for (const value of [0, 0.001, 0.1, 0.999, 1.005, 123456.789, 999_999_999.999, 1_000_000_000]) {
    t.equal(codeOf(service, { value }), undefined, String(value))
  }
  for (const value of [
    -0.001,
    -1,
    0.0001,
    1.0005,
    0.30000000000000004,
    1_000_000_000.001,
    1_000_000_001,
    Infinity,
    NaN
  ]) {
    for (const sender of [service, admin, platform]) {
      t.equal(codeOf(sender, { value }), 'VALUE_OUT_OF_RANGE', String(value))
    }
  }
})

t.test('a rejected activity has its index, code and detail, and does not affect the others', async t => {
  const some = (id: string, given: object = {}): NewActivity => ({
    id,
    userId: 'somebody',
    type: 'quest.cleared',
    ...given
  })
  const { accepted, rejected } = screenActivities(
    [some('a', { value: -1 }), some('b'), some('c', { type: 'user.login' }), some('d')],
    service,
    now
  )
  t.strictSame(accepted.map(({ id }) => id), ['b', 'd'])
  t.strictSame(rejected.map(({ index, code }) => [index, code]), [[0, 'VALUE_OUT_OF_RANGE'], [2, 'RESERVED_TYPE']])
  t.ok(rejected.every(({ detail }) => detail.length > 10))
})
