import { parse } from 'csv-parse/sync'
import t from 'tap'
import { claimColumns } from '../../../src/domain/claim-csv.ts'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, newUserId, startEventService, type Row } from '../../../../test/kit/servers/event-service.ts'

const { call, db, url } = await startEventService(t)
const operator = as('OPERATOR')
type Cells = Record<(typeof claimColumns)[number], string>

async function exported (query = '', token = operator): Promise<{ text: string, rows: Cells[] }> {
  const { status, body } = await call('GET', `/v1/claims/export?${query}`, { token })
  t.equal(status, 200)
  // `fetch` removes the byte order mark.
  return { text: body, rows: parse(body, { columns: true, record_delimiter: '\r\n' }) as Cells[] }
}

const rewards = [
  { type: 'POINT', name: '=SUM(A1:A9)', amount: 500 },
  { type: 'CURRENCY', name: '보석, "큰" 상자', currency: 'GEMS', amount: 20 },
  { type: 'ITEM', name: '+1 Sword\r\nof light', itemId: '12e34', amount: 1 },
  { type: 'COUPON', name: '－할인' }
]
const seoul = { name: '@겨울 출석', timeZone: 'Asia/Seoul' }
const eventId = await activeEvent(call, operator, null, rewards, seoul)
const refused = await activeEvent(call, operator, { aggregation: 'count', activity: 'none', target: 1 })
const { data } = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body
const [point, gems, sword, coupon] = data.map(({ id }: { id: string }) => id)
const codesPath = `/v1/events/${eventId}/rewards/${coupon as string}/codes`
await call('POST', codesPath, { token: operator, body: { codes: ['0123456789012345678'] } })
const ann = '123456789012345678901234'
const { body: claim } = await call('POST', `/v1/events/${eventId}/claims`, { token: as('USER', ann) })
const ben = newUserId()
await call('POST', `/v1/events/${refused}/claims`, { token: as('USER', ben) })
const granted = '2026-11-30T14:59:59.000Z'
const claims = db.collection<Row>('claims')
await claims.updateOne({ _id: claim.id }, { $set: { grantedAt: new Date(granted) } })
const { body: revoked } = await call('POST', `/v1/claims/${claim.id as string}/revoke`, {
  token: as('ADMIN', ann), body: { reason: '-2 because, "환불"' }
})
t.equal(revoked.status, 'REVOKED')

t.test('200: the file has a byte order mark, CRLF and a line per reward, and all cells are unchanged', async t => {
  const response = await fetch(`${url}/v1/claims/export?eventId=${eventId}`, {
    headers: { authorization: `Bearer ${operator}` }
  })
  t.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8')
  t.equal(response.headers.get('content-disposition'), 'attachment; filename="claims.csv"')
  const bytes = Buffer.from(await response.arrayBuffer())
  t.same([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf])
  t.ok(bytes.toString().endsWith('\r\n'))
  const { rows } = await exported(`eventId=${eventId}`)
  const common = {
    claimId: claim.id,
    eventId,
    eventName: '\'@겨울 출석',
    userId: `'${ann}`,
    period: 'EVENT',
    status: 'REVOKED',
    code: '',
    createdAt: claim.createdAt,
    grantedAt: granted,
    grantedLocal: '2026-11-30 23:59:59',
    timeZone: 'Asia/Seoul',
    delivery: 'PENDING',
    lastBy: `'${ann}`,
    lastNote: '\'-2 because, "환불"'
  }
  const light = '\'+1 Sword\r\nof light'
  const code = '\'0123456789012345678'
  const none = { currency: '', itemId: '', couponCode: '' }
  t.strictSame(rows.map(row => ({ ...row })), [
    { ...common, ...none, rewardId: point, type: 'POINT', name: '\'=SUM(A1:A9)', amount: '500' },
    { ...common, ...none, rewardId: gems, type: 'CURRENCY', name: '보석, "큰" 상자', amount: '20', currency: 'GEMS' },
    { ...common, ...none, rewardId: sword, type: 'ITEM', name: light, amount: '1', itemId: '\'12e34' },
    { ...common, ...none, rewardId: coupon, type: 'COUPON', name: '\'－할인', amount: '1', couponCode: code }
  ].map(row => Object.fromEntries(claimColumns.map(column => [column, row[column]]))))
})

t.test('200: a claim without rewards has one line, and a file without claims has its header', async t => {
  const { rows } = await exported(`userId=${ben}`)
  t.match(rows, [{ status: 'FAILED', code: 'CONDITIONS_NOT_MET', rewardId: '', amount: '', grantedAt: '' }])
  t.equal(rows.length, 1)
  t.equal((await exported('eventId=nothing')).text, `${claimColumns.join(',')}\r\n`)
})

t.test('200: the filters work as in listClaims', async t => {
  t.equal((await exported(`grantedFrom=${granted}`)).rows.length, 4)
  t.equal((await exported(`grantedTo=${granted}`)).rows.length, 0)
  t.equal((await exported('status=FAILED')).rows.length, 1)
  t.equal((await exported('delivery=DELIVERED')).rows.length, 0)
  for (const query of ['limit=5', 'cursor=x', 'order=asc', 'status=granted', 'grantedFrom=2026-11-30']) {
    const { status, body } = await call('GET', `/v1/claims/export?${query}`, { token: operator })
    t.match({ status, body }, { status: 400, body: { code: 'VALIDATION_FAILED' } }, query)
  }
})

t.test('200: the file contains the reported delivery status', async t => {
  const path = `/v1/claims/${claim.id as string}/delivery`
  for (const status of ['FAILED', 'DELIVERED']) {
    await call('POST', path, { token: as('SERVICE'), body: { status } })
    t.same([...new Set((await exported(`eventId=${eventId}`)).rows.map(({ delivery }) => delivery))], [status])
  }
})

t.test('200: an AUDITOR sees no coupon codes', async t => {
  const { text, rows } = await exported('', as('AUDITOR'))
  t.equal(rows.length, 5)
  t.notOk(text.includes('0123456789012345678'))
})

t.test('200: a claim whose event cannot be read has no event name', async t => {
  const events = db.collection<Row>('events')
  await events.updateOne({ _id: refused }, { $set: { timeZone: 'Nowhere/Land' } })
  t.match((await exported(`userId=${ben}`)).rows, [{ eventId: refused, eventName: '', timeZone: '' }])
})

t.test('200: HEAD has the headers of GET and no body', async t => {
  const { status, headers, body } = await call('HEAD', '/v1/claims/export', { token: operator })
  t.match({ status, body }, { status: 200, body: '' })
  t.equal(headers.get('content-type'), 'text/csv; charset=utf-8')
  t.equal(headers.get('content-length'), null, 'the length of a stream is unknown')
})

t.test('200: each claim occurs once, even with equal times; a reader that disconnects ends the export', async t => {
  const row = await claims.findOne({ userId: ben }) as Row
  const at = new Date('2026-10-01T00:00:00Z')
  const ids = Array.from({ length: inFullRun(8500, 3500) }, (_, index) => `many_${index}_EVENT`)
  await claims.insertMany(ids.map((_id, index) => ({
    ...row, _id, eventId: 'many', userId: `u${index}`, createdAt: new Date(at.getTime() + Math.floor(index / 1500))
  })))
  await db.command({ profile: 2 })
  const abort = new AbortController()
  const headers = { authorization: `Bearer ${operator}` }
  const { body } = await fetch(`${url}/v1/claims/export?eventId=many`, { headers, signal: abort.signal })
  await body?.getReader().read()
  abort.abort()
  const { rows } = await exported('eventId=many')
  await db.command({ profile: 0 })
  t.equal(rows.length, ids.length)
  t.strictSame(new Set(rows.map(({ claimId }) => claimId)), new Set(ids))
  t.equal(rows[0]?.eventName, '', 'the event is gone')
  // The limit is the one of a page: the server also reads claims for other reasons.
  const pages = { op: 'query', ns: /\.claims$/, 'command.limit': 1000 }
  const queries = await db.collection('system.profile').countDocuments(pages)
  const pagesOnce = Math.ceil(ids.length / 1000)
  t.ok(queries >= pagesOnce, `${queries} pages were read`)
  t.ok(queries < 2 * pagesOnce, `${queries} pages were read`)
})

t.test('200: the period of a day or a month is text, so that spreadsheets do not convert it to a date', async t => {
  for (const [claimPeriod, pattern] of [
    ['DAY', /^'\d{4}-\d\d-\d\d$/], ['MONTH', /^'\d{4}-\d\d$/], ['WEEK', /^\d{4}-W\d\d$/]
  ] as const) {
    const periodic = await activeEvent(call, operator, null, undefined, { claimPeriod })
    await call('POST', `/v1/events/${periodic}/claims`, { token: as('USER', newUserId()) })
    t.match((await exported(`eventId=${periodic}`)).rows.map(({ period }) => period), [pattern])
  }
})
