import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db } = await startEventService(t)
const operator = as('OPERATOR')
const [ann, ben] = [newUserId(), newUserId()]
const open = await activeEvent(call, operator)
const other = await activeEvent(call, operator)
const hard = await activeEvent(call, operator, { aggregation: 'count', activity: 'quest.cleared', target: 1 })

/** Makes a claim and waits for the next millisecond, so that the order of the claims is defined. */
async function claim (eventId: string, userId: string): Promise<void> {
  await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', userId) })
  const answeredAt = Date.now()
  await eventually(async () => Date.now() > answeredAt)
}
const list = async (query = '', token = operator): Promise<Answer> =>
  await call('GET', `/v1/claims?${query}`, { token })
const mine = async (userId: string, query = ''): Promise<Answer> =>
  await call('GET', `/v1/users/me/claims?${query}`, { token: as('USER', userId) })
/** Returns the user and the event of each claim, in the order of the response. */
const summaryOf = ({ body }: Answer): string[] =>
  body.data.map(
    ({ userId, eventId }: { userId: string; eventId: string }) =>
      `${userId === ann ? 'Ann' : 'Ben'} ${eventId === open ? 'open' : eventId === other ? 'other' : 'hard'}`
  )

await claim(open, ann)
await claim(open, ben)
await claim(hard, ann)
await claim(other, ann)
const all = ['Ann other', 'Ann hard', 'Ben open', 'Ann open']

t.test('200: all claims, newest first, by each filter and by all filters together', async t => {
  t.strictSame(summaryOf(await list()), all)
  t.strictSame(summaryOf(await list('order=asc')), all.toReversed())
  t.strictSame(summaryOf(await list(`eventId=${open}`)), ['Ben open', 'Ann open'])
  t.strictSame(summaryOf(await list(`userId=${ann}`)), ['Ann other', 'Ann hard', 'Ann open'])
  t.strictSame(summaryOf(await list('status=FAILED')), ['Ann hard'])
  t.strictSame(summaryOf(await list('status=GRANTED')), ['Ann other', 'Ben open', 'Ann open'])
  t.strictSame(summaryOf(await list(`eventId=${open}&userId=${ann}&status=GRANTED`)), ['Ann open'])
  for (const query of ['status=PENDING', 'eventId=nothing', 'userId=nobody', `eventId=${hard}&userId=${ben}`]) {
    t.strictSame((await list(query)).body, { data: [], nextCursor: null }, query)
  }
})

t.test('200: from is inclusive and to is exclusive, to the millisecond', async t => {
  const instants: string[] = (await list('order=asc')).body.data.map(
    ({ createdAt }: { createdAt: string }) => createdAt
  )
  const [first = '', second = '', , fourth = ''] = instants
  const after = (instant: string) => new Date(Date.parse(instant) + 1).toISOString()
  t.strictSame(summaryOf(await list(`from=${second}&to=${fourth}`)), ['Ann hard', 'Ben open'])
  t.strictSame(summaryOf(await list(`from=${after(second)}&to=${after(fourth)}`)), ['Ann other', 'Ann hard'])
  t.strictSame(summaryOf(await list(`to=${first}`)), [])
  t.strictSame(summaryOf(await list(`to=${after(first)}`)), ['Ann open'])
  t.strictSame(summaryOf(await list(`from=${fourth}`)), ['Ann other'])
  t.strictSame(summaryOf(await list(`from=${fourth}&to=${first}`)), [])
  t.strictSame(summaryOf(await list(`from=${encodeURIComponent(fourth.replace('Z', '+00:00'))}&userId=${ann}`)), [
    'Ann other'
  ])
})

t.test('200: grantedFrom and grantedTo filter and sort by the time of the grant, to the millisecond', async t => {
  const grants = [[open, ann, 3], [open, ben, 1], [other, ann, 2]] as const
  const at = (offset: number): string => new Date(Date.UTC(2026, 10, 30, 15) + offset).toISOString()
  for (const [eventId, userId, offset] of grants) {
    await db.collection<Row>('claims').updateOne({ eventId, userId }, { $set: { grantedAt: new Date(at(offset)) } })
  }
  t.strictSame(summaryOf(await list(`grantedFrom=${at(1)}`)), ['Ann open', 'Ann other', 'Ben open'])
  t.strictSame(summaryOf(await list(`grantedFrom=${at(1)}&grantedTo=${at(3)}`)), ['Ann other', 'Ben open'])
  t.strictSame(summaryOf(await list(`grantedTo=${at(3)}&order=asc`)), ['Ben open', 'Ann other'])
  t.strictSame(summaryOf(await list(`grantedFrom=${at(2)}&userId=${ann}&eventId=${open}`)), ['Ann open'])
  t.strictSame(summaryOf(await list(`grantedFrom=${at(1)}&to=2026-01-01T00:00:00Z`)), [])
  const page = await list(`grantedFrom=${at(1)}&limit=2`)
  const rest = await list(`grantedFrom=${at(1)}&limit=2&cursor=${page.body.nextCursor as string}`)
  t.strictSame([...summaryOf(page), ...summaryOf(rest)], ['Ann open', 'Ann other', 'Ben open'])
  t.equal(rest.body.nextCursor, null)
})

t.test('200: delivery=PENDING shows grants without a report, DELIVERED and FAILED those with one', async t => {
  const { body: { data: [claim] } } = await list(`eventId=${open}&userId=${ben}`)
  t.strictSame(summaryOf(await list('delivery=PENDING')), ['Ann other', 'Ben open', 'Ann open'])
  for (const [status, delivered, failed] of [['FAILED', [], ['Ben open']], ['DELIVERED', ['Ben open'], []]] as const) {
    const path = `/v1/claims/${claim.id as string}/delivery`
    t.equal((await call('POST', path, { token: as('SERVICE'), body: { status } })).status, 200)
    t.strictSame(summaryOf(await list('delivery=DELIVERED')), delivered)
    t.strictSame(summaryOf(await list('delivery=FAILED')), failed)
    t.strictSame(summaryOf(await list('delivery=PENDING')), ['Ann other', 'Ann open'])
  }
  t.strictSame(summaryOf(await list('delivery=PENDING&status=FAILED')), [])
})

t.test('200: pages follow each other; 400: a cursor of another list', async t => {
  const pages: string[] = []
  let cursor = ''
  do {
    const page = await list(`limit=1${cursor}`)
    pages.push(...summaryOf(page))
    cursor = page.body.nextCursor === null ? '' : `&cursor=${page.body.nextCursor as string}`
    if (cursor !== '' && pages.length === 1) {
      for (const query of [
        `userId=${ann}`,
        `eventId=${open}`,
        'status=GRANTED',
        'from=2026-01-01T00:00:00Z',
        'to=2099-01-01T00:00:00Z',
        'delivery=FAILED',
        'grantedFrom=2026-01-01T00:00:00Z',
        'grantedTo=2099-01-01T00:00:00Z',
        'order=asc'
      ]) {
        t.hasStrict(await list(`${query}${cursor}`), { status: 400, body: { errors: [{ pointer: '/cursor' }] } }, query)
      }
      t.equal((await mine(ann, cursor.slice(1))).status, 400, 'a cursor of listClaims is not one of listMyClaims')
    }
  } while (cursor !== '')
  t.strictSame(pages, all)
})

t.test('200: listMyClaims shows only the caller\'s claims, by event and status', async t => {
  t.strictSame(summaryOf(await mine(ann)), ['Ann other', 'Ann hard', 'Ann open'])
  t.strictSame(summaryOf(await mine(ben)), ['Ben open'])
  t.strictSame(summaryOf(await mine(ann, 'status=FAILED')), ['Ann hard'])
  t.strictSame(summaryOf(await mine(ann, `eventId=${open}`)), ['Ann open'])
  t.strictSame(summaryOf(await mine(ben, `eventId=${other}`)), [])
  t.strictSame((await mine(newUserId())).body, { data: [], nextCursor: null })
  t.hasStrict(await mine(ben, `userId=${ann}`), { status: 400, body: { errors: [{ pointer: '/userId' }] } })
})

t.test('400: an unknown, repeated or invalid parameter is rejected', async t => {
  const wrong = [
    ['/status', 'status=granted'],
    ['/status', 'status=FAILED&status=GRANTED'],
    ['/eventId', 'eventId='],
    ['/eventId', 'eventId=a.b'],
    ['/userId', 'userId=a%00'],
    ['/from', 'from=2026-02-30T00:00:00Z'],
    ['/from', 'from=2026-11-21'],
    ['/from', 'from=2026-11-21T00:00:00+09:00'],
    ['/to', 'to='],
    ['/grantedFrom', 'grantedFrom=2026-11-21'],
    ['/grantedTo', 'grantedTo=2026-11-31T00:00:00Z'],
    ['/delivery', 'delivery=pending'],
    ['/period', 'period=EVENT'],
    ['/limit', 'limit=0'],
    ['/userId[$ne]', 'userId[$ne]=x']
  ] as const
  for (const [pointer, query] of wrong) {
    t.hasStrict(await list(query), { status: 400, body: { code: 'VALIDATION_FAILED', errors: [{ pointer }] } }, query)
  }
})

t.test('OPERATOR, AUDITOR and ADMIN see in the history who decided; a USER does not', async t => {
  const { body: { data: [claim] } } = await list(`eventId=${open}&userId=${ann}`)
  const path = `/v1/claims/${claim.id as string}`
  const hidden = { ...claim, history: claim.history.map(({ by, ...entry }: { by: string }) => entry) }
  t.equal(claim.history[0].by, ann)
  for (const role of ['OPERATOR', 'AUDITOR', 'ADMIN'] as const) {
    t.strictSame((await call('GET', path, { token: as(role) })).body, claim, role)
    t.strictSame((await list(`eventId=${open}&userId=${ann}`, as(role))).body.data, [claim], role)
  }
  t.strictSame((await call('GET', path, { token: as('USER', ann) })).body, hidden)
  t.strictSame((await mine(ann, `eventId=${open}`)).body.data, [hidden])
})

t.test('200: a page of large claims ends early, and its cursor leads to the rest', async t => {
  const rows = db.collection<Row>('claims')
  const row = await rows.findOne({ userId: ben })
  const userId = newUserId()
  const rewards = [{ rewardId: 'r', type: 'POINT', name: 'Points', amount: 1, attributes: { a: 'x'.repeat(100_000) } }]
  const ids = Array.from({ length: 15 }, (_, index) => `${open}_${userId}_${index}`)
  await rows.insertMany(ids.map(_id => ({ ...row, _id, userId, period: _id, rewards })))
  const found: string[] = []
  let [cursor, pages]: [string | null, number] = ['', 0]
  while (cursor !== null) {
    const { status, body } = await mine(userId, `limit=100&order=asc${cursor === '' ? '' : `&cursor=${cursor}`}`)
    t.equal(status, 200)
    t.ok(JSON.stringify(body).length < 1.1 * 1024 * 1024)
    found.push(...body.data.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor
    pages++
  }
  t.strictSame(found, ids.toSorted())
  t.equal(pages, 2)
})

t.test('400: a cursor belongs to its operation and to the role of the caller', async t => {
  const filter = `userId=${ann}&limit=1`
  const cursorOf = async (path: string, token: string) => (await call('GET', path, { token })).body.nextCursor as string
  const mineOfAdmin = await cursorOf('/v1/users/me/claims?limit=1', as('ADMIN', ann))
  const listed = await cursorOf(`/v1/claims?${filter}`, as('ADMIN', ann))
  const refused = { status: 400, body: { errors: [{ pointer: '/cursor' }] } }
  t.hasStrict(await list(`${filter}&cursor=${mineOfAdmin}`, as('ADMIN', ann)), refused, 'another operation')
  t.hasStrict(await list(`${filter}&cursor=${listed}`, as('AUDITOR')), refused, 'another role')
  t.equal((await list(`${filter}&cursor=${listed}`, as('ADMIN'))).status, 200, 'another caller with the same role')
})

t.test('404: a claim that does not exist, cannot exist, or belongs to another user', async t => {
  const { body: { data: [claim] } } = await mine(ann)
  const refused = { status: 404, body: { code: 'CLAIM_NOT_FOUND' } }
  t.hasStrict(await call('GET', `/v1/claims/${claim.id as string}`, { token: as('USER', ben) }), refused)
  for (const id of ['nothing', 'a.b', 'x'.repeat(129), `${open}_${newUserId()}_EVENT`]) {
    t.hasStrict(await call('GET', `/v1/claims/${id}`, { token: operator }), refused, id)
  }
})
