import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { as } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call } = await sharedEventService()
const operator = as('OPERATOR')
const condition = { aggregation: 'count', activity: 'quest.cleared', target: 1 }
const points = { type: 'POINT', name: 'Points', amount: 5 }
const soon = '2099-06-01T00:00:00.000Z'
const later = '2099-07-01T00:00:00.000Z'
const latest = '2099-08-01T00:00:00.000Z'

/** Returns an event without `asOf`, which differs in every response. */
const withoutInstants = (event: Record<string, any>): Record<string, any> =>
  ({ ...event, rewards: event['rewards'].map(({ asOf, ...reward }: { asOf: string }) => reward) })

async function create (given: object = {}): Promise<Record<string, any>> {
  const { body } = await call('POST', '/v1/events', {
    token: operator,
    body: runningEvent(null, { endsAt: later, rewards: [points], ...given })
  })
  return withoutInstants(body)
}
const patch = async (id: string, body: unknown, headers = {}): Promise<Answer> =>
  await call('PATCH', `/v1/events/${id}`, { token: operator, body, headers })
const read = async (id: string) => withoutInstants((await call('GET', `/v1/events/${id}`, { token: operator })).body)

t.test('200: before the first activation every property can change', async t => {
  const { id, createdAt } = await create()
  const wanted = {
    name: 'Other',
    description: 'more',
    startsAt: '2030-01-01T00:00:00.000Z',
    endsAt: '2030-02-01T00:00:00.000Z',
    claimUntil: '2030-03-01T00:00:00.000Z',
    timeZone: 'Asia/Kathmandu',
    condition,
    claimPeriod: 'EVENT',
    grantMode: 'AUTO',
    group: 'winter',
    position: 7,
    status: 'ACTIVE'
  }
  const answer = await patch(id, wanted)
  t.hasStrict(answer, { status: 200, body: { ...wanted, id, phase: 'SCHEDULED', version: 2, createdAt } })
  t.equal(answer.headers.get('etag'), '"2"')
  t.strictSame(await read(id), withoutInstants(answer.body))
})

t.test('200: before the first activation dates can move earlier, and claimUntil and condition can be null', async t => {
  const { id } = await create({ claimUntil: latest, condition })
  t.hasStrict(await patch(id, { endsAt: soon, claimUntil: null, condition: null }), {
    status: 200,
    body: { endsAt: soon, claimUntil: null, condition: null }
  })
})

t.test('200: a change increments the version, a repeated value does not', async t => {
  const event = await create()
  const { name, description, startsAt, endsAt, claimUntil, timeZone, claimPeriod, grantMode, status } = event
  const same = await patch(event['id'], {
    name,
    description,
    startsAt,
    endsAt,
    claimUntil,
    timeZone,
    claimPeriod,
    grantMode,
    status,
    condition: null
  })
  t.hasStrict(same, { status: 200, body: { version: 1, updatedAt: event['updatedAt'] } })
  t.equal(same.headers.get('etag'), '"1"')
  t.hasStrict(await patch(event['id'], { name: 'Other' }), { status: 200, body: { version: 2, name: 'Other' } })
})

t.test('400: an empty patch, an unknown property or an invalid value changes nothing', async t => {
  const event = await create({ claimUntil: latest })
  const wrong = [
    ['', {}],
    ['/color', { name: 'x', color: 'red' }],
    ['/id', { id: 'x' }],
    ['/version', { version: 9 }],
    ['/activatedAt', { activatedAt: null }],
    ['/rewards', { rewards: [] }],
    ['/name', { name: ' ' }],
    ['/name', { name: null }],
    ['/name', { name: { $gt: '' } }],
    ['/status', { status: 'DELETED' }],
    ['/startsAt', { startsAt: '2026-02-30T00:00:00Z' }],
    ['/endsAt', { endsAt: null }],
    ['/endsAt', { endsAt: event['startsAt'] }],
    ['/endsAt', { startsAt: later }],
    ['/claimUntil', { claimUntil: soon }],
    ['/claimUntil', { endsAt: '2099-09-01T00:00:00Z' }],
    ['/condition/target', { condition: { ...condition, target: 0 } }],
    ['/timeZone', { timeZone: '+01:00' }],
    ['', []],
    ['', null]
  ] as const
  for (const [pointer, body] of wrong) {
    const answer = await patch(event['id'], body)
    t.ok(
      answer.status === 400 && answer.body.errors.some((error: { pointer: string }) => error.pointer === pointer),
      `${pointer} of ${JSON.stringify(body)}`
    )
  }
  t.strictSame(await read(event['id']), event)
})

const frozen = {
  condition: { ...condition, target: 2 }, timeZone: 'Asia/Seoul', startsAt: '2020-01-01T00:00:00.000Z'
}

t.test('409 EVENT_FROZEN: the properties that decide a grant cannot change once the event has been ACTIVE', async t => {
  const { id } = await create({ condition, claimUntil: latest, status: 'ACTIVE' })
  const checkFrozen = async () => {
    const before = await read(id)
    for (const change of [
      ...Object.entries(frozen).map(([name, value]) => ({ [name]: value })),
      { condition: null },
      { endsAt: soon },
      { claimUntil: later },
      { claimUntil: null }
    ]) {
      t.hasStrict(await patch(id, change), { status: 409, body: { code: 'EVENT_FROZEN' } }, JSON.stringify(change))
      t.hasStrict(
        await patch(id, { ...change, name: 'Not this either' }),
        { status: 409 },
        'and the rest of the patch is not applied'
      )
    }
    t.strictSame(await read(id), before)
  }
  await checkFrozen()
  t.equal((await patch(id, { status: 'INACTIVE' })).status, 200)
  await checkFrozen()
})

t.test('409 EVENT_FROZEN: claimUntil cannot move earlier, even if it follows endsAt', async t => {
  const { id } = await create({ status: 'ACTIVE' })
  t.hasStrict(await patch(id, { endsAt: latest }), { status: 200, body: { endsAt: latest, claimUntil: null } })
  t.hasStrict(
    await patch(id, { endsAt: later }),
    { status: 409, body: { code: 'EVENT_FROZEN' } },
    'endsAt cannot move back'
  )
  t.hasStrict(await patch(id, { claimUntil: later }), { status: 400 }, 'claimUntil before endsAt')
})

t.test('200: repeating a frozen value in another notation is not a change', async t => {
  const { id } = await create({ startsAt: '2026-01-01T00:00:00Z', condition, timeZone: 'Asia/Seoul', status: 'ACTIVE' })
  const repeated = {
    startsAt: '2026-01-01T09:00:00+09:00',
    condition: { target: 1, activity: 'quest.cleared', aggregation: 'count' },
    timeZone: 'Asia/Seoul',
    claimPeriod: 'EVENT',
    grantMode: 'AUTO',
    endsAt: later
  }
  t.hasStrict(await patch(id, repeated), { status: 200, body: { version: 1 } })
  t.hasStrict(await patch(id, { ...repeated, name: 'Renamed' }), { status: 200, body: { version: 2, name: 'Renamed' } })
})

t.test('200: name, description, group, position and status can still change; dates can only move later', async t => {
  const { id } = await create({ endsAt: soon, status: 'ACTIVE' })
  const free = { name: 'Other', description: 'more', group: 'winter', position: 3 }
  t.hasStrict(await patch(id, free), { status: 200, body: free })
  t.hasStrict(await patch(id, { claimUntil: later }), { status: 200, body: { claimUntil: later } })
  t.hasStrict(await patch(id, { endsAt: later }), { status: 200, body: { endsAt: later, claimUntil: later } })
  t.hasStrict(
    await patch(id, { claimUntil: null }),
    { status: 200, body: { claimUntil: null } },
    'null is the same instant here'
  )
  t.hasStrict(await patch(id, { endsAt: latest, claimUntil: latest }), {
    status: 200,
    body: { endsAt: latest, claimUntil: latest }
  })
  t.hasStrict(await patch(id, { status: 'INACTIVE' }), { status: 200, body: { status: 'INACTIVE' } })
  t.hasStrict(await patch(id, { status: 'ACTIVE' }), { status: 200, body: { status: 'ACTIVE' } })
})

t.test('412: a patch with If-Match of another version changes nothing', async t => {
  const event = await create()
  for (const tag of ['"2"', '"0"', '1', 'W/"1"', '""', '"1', '"2", "3"']) {
    t.hasStrict(
      await patch(event['id'], { name: 'Never' }, { 'if-match': tag }),
      { status: 412, body: { code: 'PRECONDITION_FAILED' } },
      tag
    )
  }
  t.strictSame(await read(event['id']), event)
  t.hasStrict(await patch(event['id'], { name: 'B' }, { 'if-match': '"1"' }), { status: 200, body: { version: 2 } })
  t.hasStrict(await patch(event['id'], { name: 'C' }, { 'if-match': '"7", "2"' }), {
    status: 200,
    body: { version: 3 }
  })
  t.hasStrict(await patch(event['id'], { name: 'D' }, { 'if-match': '*' }), { status: 200, body: { version: 4 } })
  t.hasStrict(
    await patch(event['id'], { name: 'D' }, { 'if-match': '"3"' }),
    { status: 412 },
    'even if nothing would change'
  )
})
