import t from 'tap'
import type { Answer } from '../../../../test/kit/http/client.ts'
import { runningEvent, startedEvent } from '../../../../test/kit/servers/events.ts'
import { as, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db } = await startEventService(t)
const operator = as('OPERATOR')
const user = as('USER')
const events = db.collection<Row>('events')

async function create (name: string, given: object, body = startedEvent(null, { name, ...given })): Promise<Answer> {
  const answer = await call('POST', '/v1/events', { token: operator, body })
  if (answer.status !== 201) throw new Error(`${name} was not created: ${answer.status}`)
  // The order of creation must be defined.
  created += 1
  await events.updateOne({ _id: answer.body.id }, { $set: { createdAt: new Date(Date.UTC(2026, 0, 1) + created) } })
  return answer
}
let created = 0

interface Listed { name?: string, event?: { name: string } }

const names = ({ body }: Answer): unknown[] => body.data.map(({ name, event }: Listed) => name ?? event?.name)

/** Follows the cursors from the first page to the last. Runs `betweenPages` after each. */
async function walk (path: string, token: string, betweenPages = async (): Promise<unknown> => undefined) {
  const found: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = await call('GET', `${path}${cursor === '' ? '' : `&cursor=${cursor}`}`, { token })
    t.equal(page.status, 200, path)
    found.push(...names(page))
    cursor = page.body.nextCursor
    await betweenPages()
  }
  return found
}

await create('day 7', { group: 'winter', position: 7 })
await create('alone', {})
await create('day 3', { group: 'winter', position: 3 })
await create('day 14', { group: 'winter', position: 14 })
await create('day 3, too', { group: 'winter', position: 3 })
await create('draft', {}, runningEvent(null, { name: 'draft', group: 'winter', position: 5 }))
await create('summer', { group: 'summer' })
const board = ['day 3', 'day 3, too', 'day 7', 'day 14']
const whole = ['day 3', 'day 3, too', 'draft', 'day 7', 'day 14']

t.test('200: a group is listed by position, then by creation', async t => {
  t.strictSame(names(await call('GET', '/v1/events?group=winter', { token: operator })), whole)
  t.strictSame(names(await call('GET', '/v1/events?group=winter&order=desc', { token: operator })), whole.toReversed())
  t.strictSame(names(await call('GET', '/v1/events?group=winter&order=asc', { token: operator })), whole)
  t.strictSame(names(await call('GET', '/v1/events?group=winter&q=day%203', { token: operator })), board.slice(0, 2))
  t.strictSame(names(await call('GET', '/v1/events?group=winter', { token: user })), board)
  t.strictSame(names(await call('GET', '/v1/users/me/events?group=winter', { token: user })), board)
  t.strictSame(names(await call('GET', '/v1/events?group=autumn', { token: user })), [])
  t.equal((await call('GET', '/v1/events', { token: operator })).body.data.length, 7, 'all of them without a group')
})

t.test('200: pages of any size contain every event once, even while the group changes', async t => {
  for (let limit = 1; limit <= 6; limit++) {
    t.strictSame(await walk(`/v1/events?group=winter&limit=${limit}`, operator), whole)
    t.strictSame(await walk(`/v1/events?group=winter&limit=${limit}&order=desc`, operator), whole.toReversed())
    t.strictSame(await walk(`/v1/users/me/events?group=winter&limit=${limit}`, user), board)
  }
  const addBefore = async (): Promise<void> => { await create('day 1', { group: 'winter', position: 0 }) }
  t.strictSame(await walk('/v1/events?group=winter&limit=2', operator, addBefore), whole)
  await events.deleteMany({ name: 'day 1' })
})

t.test('400: a cursor of another group or order, and an invalid group', async t => {
  const { body } = await call('GET', '/v1/events?group=winter&limit=2', { token: operator })
  for (const query of ['', 'group=summer&', 'group=winter&order=desc&']) {
    t.hasStrict(await call('GET', `/v1/events?${query}cursor=${body.nextCursor as string}`, { token: operator }), {
      status: 400, body: { errors: [{ pointer: '/cursor' }] }
    })
  }
  for (const query of ['group=', 'group=a.b', 'group=a&group=b', `group=${'x'.repeat(65)}`]) {
    for (const path of ['/v1/events', '/v1/users/me/events']) {
      t.hasStrict(await call('GET', `${path}?${query}`, { token: user }), {
        status: 400, body: { errors: [{ pointer: '/group' }] }
      }, query)
    }
  }
})

t.test('200: an event can join a group and leave it, and the audit shows it', async t => {
  const { body: { id } } = await create('moves', { group: 'summer', position: 9 })
  const patch = async (body: object) => await call('PATCH', `/v1/events/${id as string}`, { token: operator, body })
  t.hasStrict(await patch({ group: 'autumn', position: 1 }), { status: 200, body: { group: 'autumn', position: 1 } })
  const [audit] = (await call('GET', '/v1/audit/events?limit=1', { token: as('ADMIN') })).body.data
  t.hasStrict(audit, { before: { group: 'summer', position: 9 }, after: { group: 'autumn', position: 1 } })
  t.strictSame(names(await call('GET', '/v1/events?group=autumn', { token: user })), ['moves'])
  t.hasStrict(await patch({ group: null }), { status: 200, body: { group: null } })
  t.strictSame(names(await call('GET', '/v1/events?group=autumn', { token: user })), [])
})

t.test('200: an event of an earlier version has no group and the position 0', async t => {
  const { body: { id } } = await create('old', {})
  await events.updateOne({ _id: id }, { $unset: { group: '', position: '' } })
  t.hasStrict(await call('GET', `/v1/events/${id as string}`, { token: user }), {
    status: 200, body: { group: null, position: 0 }
  })
  t.hasStrict(await call('PATCH', `/v1/events/${id as string}`, { token: operator, body: { group: 'late' } }), {
    status: 200, body: { group: 'late', position: 0 }
  })
  t.strictSame(names(await call('GET', '/v1/events?group=late', { token: user })), ['old'])
})

t.test('200: an event without a readable position does not end a page or a list', async t => {
  for (const name of ['a', 'b', 'c']) await create(name, { group: 'damaged', position: 1 })
  await events.updateOne({ name: 'b' }, { $set: { position: 'first' } })
  t.strictSame(names(await call('GET', '/v1/events?group=damaged', { token: operator })), ['a', 'c'])
})
