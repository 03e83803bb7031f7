import {
  events, Id, NewReward, Nullable, PageQuery, Scalars, Strict, Text, type RouteContract
} from '@laurel/shared/contracts'
import { isTimeZone } from '@laurel/shared/http'
import t from 'tap'
import { Type } from 'typebox'
import { echoService, quietService } from '../support/service.ts'

const Probe = Strict({
  name: Type.Optional(Text(10)),
  size: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
  open: Type.Optional(Type.Boolean()),
  role: Type.Optional(Type.Enum(['USER', 'ADMIN'])),
  only: Type.Optional(Type.Literal('this')),
  id: Type.Optional(Id()),
  email: Type.Optional(Type.String({ format: 'email' })),
  url: Type.Optional(Type.String({ format: 'uri' })),
  zone: Type.Optional(Type.String({ format: 'iana-time-zone' })),
  at: Type.Optional(Type.String({ format: 'date-time' })),
  maybe: Type.Optional(Nullable(Type.Integer())),
  list: Type.Optional(Type.Array(Strict({ 'a/b': Type.Integer() }), { maxItems: 3 })),
  free: Type.Optional(Scalars(2, 'free')),
  one: Type.Optional(Type.Unsafe({ oneOf: [{ type: 'number' }, { type: 'integer' }] }))
})
const app = echoService(Probe)
const reward = echoService(NewReward)

async function post (payload: object, to = app) {
  const { status, code, errors } = (await to.inject({ method: 'POST', url: '/', payload })).json()
  return { status, code, errors }
}

const refused = (...errors: object[]) => ({ status: 400, code: 'VALIDATION_FAILED', errors })

t.test('400: the sentence names the pointer, if there is one', async t => {
  const detailOf = async (payload: object) =>
    (await app.inject({ method: 'POST', url: '/', payload })).json().detail as string
  t.equal(await detailOf([]), 'The body is not valid: must be object.')
  t.equal(await detailOf({ name: 7 }), 'The body is not valid: /name must be string.')
})

for (const [payload, pointer, detail] of [
  [{ unknown: 1 }, '/unknown', 'is not a known property'],
  [{ Name: 'x' }, '/Name', 'is not a known property'],
  [{ name: 7 }, '/name', 'must be string'],
  [{ name: null }, '/name', 'must be string'],
  [{ name: ['x'] }, '/name', 'must be string'],
  [{ name: { $ne: null } }, '/name', 'must be string'],
  [{ name: { $gt: '' } }, '/name', 'must be string'],
  [{ name: ' \t\u00a0' }, '/name', 'must have a visible character'],
  [{ name: 'x'.repeat(11) }, '/name', 'must NOT have more than 10 characters'],
  [{ size: '5' }, '/size', 'must be integer'],
  [{ size: 1.5 }, '/size', 'must be integer'],
  [{ size: 0 }, '/size', 'must be >= 1'],
  [{ size: 10 }, '/size', 'must be <= 9'],
  [{ size: true }, '/size', 'must be integer'],
  [{ open: 'true' }, '/open', 'must be boolean'],
  [{ open: 0 }, '/open', 'must be boolean'],
  [{ role: 'user' }, '/role', 'must be one of USER, ADMIN'],
  [{ only: 'that' }, '/only', 'must be "this"'],
  [{ id: 'a b' }, '/id', 'must match ^[A-Za-z0-9_-]{1,128}$'],
  [{ email: 'nobody' }, '/email', 'must be an email address'],
  [{ url: 'nowhere' }, '/url', 'must be a valid uri'],
  [{ zone: 'Mars/Olympus' }, '/zone', 'must be a zone of the tz database, such as Asia/Seoul or UTC'],
  [{ zone: '+09:00' }, '/zone', 'must be a zone of the tz database, such as Asia/Seoul or UTC'],
  [{ at: '2026-11-21T09:00:60Z' }, '/at', 'must be an RFC 3339 timestamp with an offset, years 2000 to 2100'],
  [{ list: [{ 'a/b': 1 }, { 'a/b': 'x' }] }, '/list/1/a~1b', 'must be integer'],
  [{ list: [{}] }, '/list/0/a~1b', 'is required'],
  [{ list: [1, 2, 3, 4].map(n => ({ 'a/b': n })) }, '/list', 'must NOT have more than 3 items'],
  [{ free: { 'a b': 1 } }, '/free/a b', 'is not an allowed property name'],
  [{ free: { a: 1, b: 2, c: 3 } }, '/free', 'must NOT have more than 2 properties'],
  [{ one: 1 }, '/one', 'must match exactly one schema in oneOf']
] as const) {
  t.test(`400 ${pointer} ${detail}: ${JSON.stringify(payload).slice(0, 60)}`, async t => {
    t.same(await post(payload), refused({ pointer, detail }))
  })
}

t.test('400 for alternatives names what each of them accepts', async t => {
  const nullableInteger = ['integer', 'null'].map(type => ({ pointer: '/maybe', detail: `must be ${type}` }))
  t.same(await post({ maybe: 'x' }), refused(...nullableInteger))
  const scalars = ['string', 'number', 'boolean'].map(type => ({ pointer: '/free/a', detail: `must be ${type}` }))
  t.same(await post({ free: { a: [] } }), refused(...scalars))
})

t.test('400 names all invalid fields, at most 20', async t => {
  const { errors } = await post({ size: 'x', open: 'x', unknown: 1 })
  const pointers = errors.map(({ pointer }: { pointer: string }) => pointer).sort()
  t.same(pointers, ['/open', '/size', '/unknown'])
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, 1]))
  t.equal((await post(many)).errors.length, 20)
})

t.test('400 for a reward reports only the type that was meant', async t => {
  t.same(await post({ type: 'POINT', name: 'x' }, reward), refused({ pointer: '/amount', detail: 'is required' }))
  const unknownType = refused({ pointer: '/type', detail: 'must be one of the known types' })
  t.same(await post({ type: 'GOLD', name: 'x' }, reward), unknownType)
  t.match(await post({ name: 'x', amount: 1 }, reward), { status: 400, errors: [{ pointer: '/type' }] })
  t.match(await post({ type: { $ne: 1 }, name: 'x' }, reward), { status: 400 })
})

t.test('200: a valid body arrives exactly as it was sent, nothing dropped or coerced', async t => {
  const payload = {
    name: ' x ',
    size: 9,
    open: false,
    role: 'USER',
    only: 'this',
    id: 'a_B-9',
    email: 'kim@example.com',
    url: 'https://x.example/y',
    zone: 'Asia/Seoul',
    at: '2026-11-21T09:00:00+09:00',
    maybe: null,
    list: [{ 'a/b': 1 }],
    free: { a: 'x', b: true },
    one: 1.5
  }
  t.same((await app.inject({ method: 'POST', url: '/', payload })).json(), { body: payload })
})

t.test('a time zone is a name of the tz database in its canonical spelling', async t => {
  for (const name of [
    'UTC', 'Asia/Seoul', 'America/New_York', 'Europe/Kyiv', 'US/Pacific', 'GMT', 'Asia/Kolkata', 'Asia/Calcutta', 'EST'
  ]) {
    t.ok(isTimeZone(name), name)
  }
  for (const name of [
    '', '+09:00', '-05', '09:00', 'Mars/Olympus', 'Asia', 'UTC+9', 'Asia/Seoul ', '../etc/localtime', 'asia/seoul',
    'ASIA/SEOUL',
    'BST', 'IST', 'JST', 'PST', 'US/Pacific-New', 'SystemV/EST5', 'Factory', 'toString', '__proto__'
  ]) t.notOk(isTimeZone(name), name)
})

t.test('the query of a list: limit, cursor, order and filters', async t => {
  const lists = quietService()
  const querystring = PageQuery({ status: Type.Optional(Type.Enum(['ACTIVE'])) })
  lists.get('/', { schema: { querystring } }, async ({ query }) => query)
  for (const [query, parsed] of [
    ['', { limit: 20, order: 'desc' }],
    ['limit=1', { limit: 1, order: 'desc' }],
    ['limit=100&order=asc', { limit: 100, order: 'asc' }],
    ['limit=007', { limit: 7, order: 'desc' }],
    ['status=ACTIVE', { limit: 20, order: 'desc', status: 'ACTIVE' }]
  ] as const) t.same((await lists.inject(`/?${query}`)).json(), parsed, query)

  for (const query of [
    'limit=0', 'limit=101', 'limit=999', 'limit=1000', 'limit=0020', 'limit=', 'limit', 'limit=-1', 'limit=%2B5',
    'limit=1.0', 'limit=1e1', 'limit=0x10', 'limit=%20 5', 'limit=ten', 'limit=NaN', 'limit=null', 'limit=٣',
    'limit=5&limit=5', 'limit[]=5', 'limit[$gt]=5', 'order=up', 'order=DESC', 'order=asc&order=asc', 'cursor=',
    `cursor=${'x'.repeat(513)}`, 'cursor=a&cursor=b', 'status=active', 'status[$ne]=x', 'status=ACTIVE&status=ACTIVE',
    'unknown=1', 'page=2', 'Limit=5'
  ]) {
    const problem = { status: 400, code: 'VALIDATION_FAILED', detail: /^The query is not valid: \// }
    t.match((await lists.inject(`/?${query}`)).json(), problem, query)
  }
})

t.test('400 for any query parameter of an operation that has none', async t => {
  const service = quietService()
  const { schema }: RouteContract = events.getEvent
  service.get('/', { schema: { querystring: schema.querystring } }, async () => ({}))
  t.match(await service.inject('/'), { statusCode: 200 })
  const problem = { status: 400, errors: [{ pointer: '/x', detail: 'is not a known property' }] }
  t.match((await service.inject('/?x=1')).json(), problem)
})

t.test('404 for an id that cannot exist, named after its resource', async t => {
  const service = quietService()
  const params = Strict({ eventId: Id(), rewardId: Id() })
  service.get('/events/:eventId/rewards/:rewardId', { schema: { params } }, async () => ({}))
  for (const [url, code, detail] of [
    ['/events/a.b/rewards/1', 'EVENT_NOT_FOUND', 'There is no event with this id.'],
    ['/events/1/rewards/a.b', 'REWARD_NOT_FOUND', 'There is no reward with this id.'],
    [`/events/${'x'.repeat(129)}/rewards/1`, 'EVENT_NOT_FOUND', 'There is no event with this id.'],
    [`/events/${'x'.repeat(250)}/rewards/1`, 'NOT_FOUND', 'There is no resource at this path.']
  ] as const) {
    const problem = (await service.inject(url)).json()
    t.match(problem, { status: 404, code, detail }, url.slice(0, 30))
    t.notOk('errors' in problem)
  }
})

t.test('400 names an invalid header; unknown headers are allowed', async t => {
  const service = quietService()
  const headers = Type.Object({ 'if-match': Type.Optional(Type.String({ maxLength: 5 })) })
  service.get('/', { schema: { headers } }, async () => ({}))
  const call = async (headers: Record<string, string>) => await service.inject({ url: '/', headers })
  const problem = { status: 400, detail: /^A header is not valid: \/if-match / }
  t.match((await call({ 'if-match': 'x'.repeat(6) })).json(), problem)
  t.match(await call({ 'if-match': '"1"', 'x-anything': 'x' }), { statusCode: 200 })
})
