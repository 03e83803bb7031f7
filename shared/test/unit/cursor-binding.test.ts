import { PageQuery } from '@laurel/shared/contracts'
import type { CallerRole } from '@laurel/shared/contracts'
import t from 'tap'
import { Type } from 'typebox'
import { quietService } from '../support/service.ts'

/** A service with two lists of the numbers 0 to 9. Their unbound cursor is the next number. */
function listService () {
  const app = quietService()
  app.addHook('onRequest', async request => {
    const role = request.headers['x-test-role'] as CallerRole | undefined
    const id = String(request.headers['x-test-user'])
    if (role !== undefined) request.caller = { id, role, sessionId: 's-1' }
  })
  const querystring = PageQuery({ status: Type.Optional(Type.String()), q: Type.Optional(Type.String()) })
  for (const [operationId, url] of [
    ['listThings', '/listThings/:ownerId'],
    ['listOthers', '/listOthers/:ownerId'],
    ['listMine', '/v1/users/me/things']
  ] as const) {
    app.get(url, { config: { operationId }, schema: { querystring } }, async ({ query }) => {
      const start = Number(query.cursor ?? 0)
      const end = Math.min(10, start + Number(query.limit))
      const data = Array.from({ length: end - start }, (_, index) => start + index)
      return { data, nextCursor: end === 10 ? null : String(end) }
    })
  }
  app.get('/shared', { config: { operationId: 'shared' }, schema: { querystring } }, async ({ query }, reply) => {
    const page = { data: ['"nextCursor":"9"}'], nextCursor: `${query.cursor ?? '0'}1` }
    return await reply.type('application/json').send(JSON.stringify(page))
  })
  app.get('/bytes', { schema: { querystring } }, async () => Buffer.from('{"nextCursor":"1"}'))
  app.get('/single', async () => ({ nextCursor: '1' }))
  const get = async (url: string, role: CallerRole = 'USER', user = 'u-1') =>
    (await app.inject({ url, headers: { 'x-test-role': role, 'x-test-user': user } })).json()
  return Object.assign(get, { app })
}

const refusal = { status: 400, errors: [{ pointer: '/cursor', detail: 'is not a cursor of this list' }] }

t.test('a cursor continues its own list, with any limit', async t => {
  const get = listService()
  const first = await get('/listThings/a?limit=4&status=ACTIVE')
  t.same(first.data, [0, 1, 2, 3])
  const second = await get(`/listThings/a?limit=3&cursor=${first.nextCursor}&status=ACTIVE`)
  t.same(second.data, [4, 5, 6])
  const last = await get(`/listThings/a?cursor=${second.nextCursor}&status=ACTIVE&order=desc`)
  t.same(last, { data: [7, 8, 9], nextCursor: null }, 'the default order can be given explicitly')
})

t.test('a page that was already serialized is bound, too', async t => {
  const get = listService()
  const { nextCursor } = await get('/shared')
  t.not(nextCursor, '01')
  t.match(await get(`/shared?cursor=${nextCursor}`), { nextCursor: /.011$/ })
  t.match(await get(`/listThings/a?cursor=${nextCursor}`), refusal)
})

t.test('HEAD has the content-length of GET', async t => {
  const { app } = listService()
  for (const url of ['/listThings/a?limit=4', '/shared', '/bytes', '/single']) {
    const [get, head] = [await app.inject({ url }), await app.inject({ method: 'HEAD', url })]
    t.equal(head.headers['content-length'], get.headers['content-length'], url)
    t.equal(head.body, '')
  }
})

t.test('400 for a cursor of another operation, owner, filter, order, or role', async t => {
  const get = listService()
  const { nextCursor } = await get('/listThings/a?limit=4&status=ACTIVE')
  for (const url of [
    `/listOthers/a?status=ACTIVE&cursor=${nextCursor}`,
    `/listThings/b?status=ACTIVE&cursor=${nextCursor}`,
    `/listThings/a?status=INACTIVE&cursor=${nextCursor}`,
    `/listThings/a?cursor=${nextCursor}`,
    `/listThings/a?status=ACTIVE&q=x&cursor=${nextCursor}`,
    `/listThings/a?status=ACTIVE&order=asc&cursor=${nextCursor}`
  ]) t.match(await get(url), refusal, url)
  t.match(await get(`/listThings/a?status=ACTIVE&cursor=${nextCursor}`, 'ADMIN'), refusal)
  t.match(await get(`/listThings/a?status=ACTIVE&cursor=${nextCursor}`), { data: [4, 5, 6, 7, 8, 9] })
})

t.test('400 for a cursor of another caller\'s own list; other lists can be continued by anyone', async t => {
  const get = listService()
  const mine = await get('/v1/users/me/things?limit=4')
  t.match(await get(`/v1/users/me/things?cursor=${mine.nextCursor}`, 'USER', 'u-2'), refusal)
  t.match(await get(`/v1/users/me/things?cursor=${mine.nextCursor}`), { data: [4, 5, 6, 7, 8, 9] })
  const { nextCursor } = await get('/listThings/a?limit=4')
  t.match(await get(`/listThings/a?cursor=${nextCursor}`, 'USER', 'u-2'), { data: [4, 5, 6, 7, 8, 9] })
})

t.test('400 for a cursor that was changed', async t => {
  const get = listService()
  const { nextCursor } = await get('/listThings/a?limit=4')
  for (const cursor of ['x', '4', `${nextCursor}0`, `${nextCursor.slice(0, -1)}5`, `A${nextCursor}`]) {
    t.match(await get(`/listThings/a?cursor=${cursor}`), refusal, cursor)
  }
})

t.test('a response of another operation, or a response that is not a string, is not changed', async t => {
  t.same(await listService()('/bytes'), { nextCursor: '1' })
  t.same(await listService()('/single'), { nextCursor: '1' })
})
