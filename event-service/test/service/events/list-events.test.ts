import t from 'tap'
import { settingsId } from '../../../src/stores/settings.ts'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { runningEvent } from '../../../../test/kit/servers/events.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { as, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { url, call, db } = await startEventService(t)
const operator = as('OPERATOR')
const day = 86_400_000
const from = (days: number) => new Date(Date.now() + days * day).toISOString()
const list = async (query: string, token = operator): Promise<Answer> =>
  await call('GET', `/v1/events?${query}`, { token })
const names = ({ body }: Answer): string[] => body.data.map(({ name }: { name: string }) => name)

/** Creates an event and waits for the next millisecond, so that the order of the events is defined. */
async function create (name: string, given: object = {}): Promise<void> {
  const { status } = await call('POST', '/v1/events', { token: operator, body: runningEvent(null, { name, ...given }) })
  if (status !== 201) throw new Error(`${name} was not created: ${status}`)
  const answeredAt = Date.now()
  await eventually(async () => Date.now() > answeredAt)
}

/** Follows the cursors from the first page to the last. */
async function walk (query: string): Promise<string[]> {
  const found: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await list(`${query}${cursor === '' ? '' : `&cursor=${cursor}`}`)
    found.push(...names(page))
    cursor = page.body.nextCursor
  }
  return found
}

const started = { status: 'ACTIVE', rewards: [{ type: 'POINT', name: 'Points', amount: 5 }] }
await create('past', started)
const past = { startsAt: new Date(from(-2)), endsAt: new Date(from(-1)) }
await db.collection('events').updateOne({ name: 'past' }, { $set: past })
await create('present', started)
await create('future', { startsAt: from(1), endsAt: from(2), ...started })
await create('hidden past', { startsAt: from(-2), endsAt: from(-1) })
await create('hidden present')
await create('100% (really?) [a.c] $x ^y \\d |', { startsAt: from(1), endsAt: from(2) })

t.test('200: events are listed newest first and without rewards', async t => {
  const answer = await list('')
  t.strictSame(names(answer), [
    '100% (really?) [a.c] $x ^y \\d |',
    'hidden present',
    'hidden past',
    'future',
    'present',
    'past'
  ])
  t.equal(answer.body.nextCursor, null)
  t.notOk(answer.body.data.some((event: object) => 'rewards' in event))
  t.strictSame(names(await list('order=asc')), names(answer).reverse())
})

t.test('the settings of the platform, which are stored with the events, are not an event', async t => {
  const before = names(await list(''))
  const pause = { token: as('ADMIN'), body: { paused: true, reason: 'Check' } }
  t.match(await call('PUT', '/v1/pause', pause), { status: 200 })
  const stored = await db.collection<Row>('events').findOne({ _id: settingsId })
  t.match(stored, { pause: { reason: 'Check' } })
  for (const query of ['', 'order=asc', 'q=e', 'phase=SCHEDULED', 'status=INACTIVE', 'group=a']) {
    t.strictSame(await walk(`${query}&limit=1`), names(await list(query)), query)
  }
  t.strictSame(names(await list('')), before)
  t.notMatch(await (await fetch(`${url}/metrics`)).text(), /laurel_unreadable_rows_total\{collection="events"\}/)
  for (const path of [`/v1/events/${settingsId}`, `/v1/events/${settingsId}/stats`]) {
    t.match(await call('GET', path, { token: operator }), { status: 404, body: { code: 'EVENT_NOT_FOUND' } })
  }
  await call('PUT', '/v1/pause', { token: as('ADMIN'), body: { paused: false, reason: 'Checked' } })
})

t.test('200: status and phase are filters, separately and together', async t => {
  t.strictSame(names(await list('status=ACTIVE')), ['future', 'present', 'past'])
  t.strictSame(names(await list('status=INACTIVE&phase=ENDED')), ['hidden past'])
  t.strictSame(names(await list('phase=SCHEDULED&status=ACTIVE')), ['future'])
  t.strictSame(names(await list('phase=RUNNING')), ['hidden present', 'present'])
  t.strictSame(names(await list('phase=ENDED')), ['hidden past', 'past'])
  for (const phase of ['SCHEDULED', 'RUNNING', 'ENDED']) {
    t.ok(
      (await list(`phase=${phase}`)).body.data.every((event: { phase: string }) => event.phase === phase),
      `every event has phase ${phase}`
    )
  }
})

t.test('200: q finds a part of a name, case-insensitive and without special characters', async t => {
  const find = async (text: string) => names(await list(`q=${encodeURIComponent(text)}`))
  t.strictSame(await find('PRESENT'), ['hidden present', 'present'])
  t.strictSame(await find('idden pa'), ['hidden past'])
  for (const text of ['100%', '(really?)', '[a.c]', '$x', '^y', '\\d', '|']) {
    t.strictSame(await find(text), ['100% (really?) [a.c] $x ^y \\d |'], text)
  }
  for (const text of ['.*', '^present', 'past$', 'a.t', 'past|present', '[abc]', '(?i)past', 'p?ast', '100']) {
    t.strictSame(await find(text), text === '100' ? ['100% (really?) [a.c] $x ^y \\d |'] : [], text)
  }
})

t.test('200: q finds a name in Unicode NFC and NFD', async t => {
  await create('출석 Pokémon'.normalize('NFD'))
  await create('출석 Pokémon'.normalize('NFC'))
  for (const form of ['NFC', 'NFD'] as const) {
    for (const text of ['출석', 'pokémon', '석 p']) {
      const found = names(await list(`q=${encodeURIComponent(text.normalize(form))}`))
      t.strictSame(found, ['출석 Pokémon'.normalize('NFC'), '출석 Pokémon'.normalize('NFD')], `${text} in ${form}`)
    }
  }
  await db.collection('events').deleteMany({ name: /Pok/ })
})

t.test('200: a USER sees only ACTIVE events; other roles see all events', async t => {
  const user = as('USER')
  t.strictSame(names(await list('', user)), ['future', 'present', 'past'])
  t.strictSame(names(await list('status=ACTIVE&phase=RUNNING', user)), ['present'])
  t.strictSame((await list('status=INACTIVE', user)).body, { data: [], nextCursor: null })
  t.strictSame(names(await list('q=hidden', user)), [])
  for (const role of ['AUDITOR', 'ADMIN'] as const) t.equal(names(await list('', as(role))).length, 6, role)
})

t.test('200: pages of any size show every event once, in both orders', async t => {
  const all = names(await list(''))
  for (const limit of [1, 2, 5, 6]) {
    t.strictSame(await walk(`limit=${limit}`), all, `by ${limit}`)
    t.strictSame(await walk(`limit=${limit}&order=asc`), all.toReversed(), `by ${limit}, oldest first`)
  }
  t.strictSame(await walk('limit=1&phase=RUNNING&q=present'), ['hidden present', 'present'])
})

t.test('200: pages are stable while events are added', async t => {
  const all = names(await list(''))
  const first = await list('limit=3')
  await create('added between two pages')
  const second = await list(`limit=3&cursor=${first.body.nextCursor as string}`)
  t.strictSame([...names(first), ...names(second)], all)
  t.equal(second.body.nextCursor, null)
})

t.test('200: events that were created at the same time have a stable order', async t => {
  const [row] = await db.collection<Row>('events').find({ name: 'past' }).toArray()
  await db
    .collection<Row>('events')
    .insertMany(['b', 'a', 'd', 'c', 'e'].map(letter => ({ ...row, _id: letter, name: `twin ${letter}` })))
  const twins = ['twin e', 'twin d', 'twin c', 'twin b', 'twin a']
  t.strictSame(await walk('q=twin&limit=2'), twins)
  t.strictSame(await walk('q=twin&limit=2&order=asc'), twins.toReversed())
})

t.test('400: a tampered cursor, or a cursor of another list, is rejected', async t => {
  const cursor: string = (await list('limit=1&status=ACTIVE')).body.nextCursor
  t.equal((await list(`limit=5&status=ACTIVE&cursor=${cursor}`)).status, 200, 'the limit may change')
  const changed = [...cursor].map(
    (letter, place) => `${cursor.slice(0, place)}${letter === 'A' ? 'B' : 'A'}${cursor.slice(place + 1)}`
  )
  const wrong = [
    ...changed.map(text => `limit=1&status=ACTIVE&cursor=${text}`),
    ...['', '&status=INACTIVE', '&status=ACTIVE&phase=ENDED', '&status=ACTIVE&q=a', '&status=ACTIVE&order=asc'].map(
      filter => `limit=1&cursor=${cursor}${filter}`
    ),
    `status=ACTIVE&cursor=${cursor}A`,
    'status=ACTIVE&cursor=x',
    'cursor=',
    `cursor=${'x'.repeat(513)}`,
    'cursor=%00'
  ]
  for (const query of wrong) {
    t.hasStrict(
      await list(query),
      { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer: '/cursor' }] } },
      query
    )
  }
})

t.test('400: an unknown, repeated or invalid parameter is rejected', async t => {
  const wrong = [
    ...['0', '101', '-1', '1.5', '1e1', ' 1', '0x1', '', 'abc', '1000', '00020'].map(
      limit => ['/limit', `limit=${limit}`] as const
    ),
    ['/status', 'status=active'],
    ['/status', 'status='],
    ['/status', 'status=ACTIVE&status=INACTIVE'],
    ['/phase', 'phase=running'],
    ['/order', 'order=newest'],
    ['/q', 'q='],
    ['/q', `q=${'x'.repeat(201)}`],
    ['/q', 'q=a%00b'],
    ['/page', 'page=2'],
    ['/status[$ne]', 'status[$ne]=ACTIVE'],
    ['/skip', 'skip=1']
  ] as const
  for (const [pointer, query] of wrong) {
    t.hasStrict(await list(query), { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, query)
  }
  for (const limit of ['1', '100', '007']) t.equal((await list(`limit=${limit}`)).status, 200, limit)
})

t.test('200: concurrent lists that start after an event was created show it', async t => {
  const listManyTimes = async () => await Promise.all(Array.from({ length: 20 }, async () => await list('limit=1')))
  for (let n = 0; n < 10; n++) {
    const earlier = listManyTimes()
    await create(`event ${n} of the race`)
    t.ok((await listManyTimes()).every(answer => names(answer)[0] === `event ${n} of the race`), `event ${n}`)
    await earlier
  }
})
