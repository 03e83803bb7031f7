import t from 'tap'
import { inFullRun } from '../../../../test/kit/run/size.ts'
import { as, newUserId, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, url, db, accounts, lookups } = await sharedEventService()
const activities = db.collection<Row>('activities')
const admin = as('ADMIN')

interface Options {
  readonly query?: string
  readonly type?: string
  readonly token?: string
}

async function send (body: string | Buffer, { query = '', type = 'text/csv', token = admin }: Options = {}) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const response = await fetch(`${url}/v1/activities${query}`, { method: 'POST', headers, body })
  return { status: response.status, body: await response.json() as any }
}
const stored = async (userId: string) =>
  (await activities.find({ userId }).sort({ _id: 1 }).toArray()).map(({ _id, receivedAt, ...rest }) => rest)

t.test('200 CSV: each line is an activity; the columns can be in any order', async t => {
  const userId = newUserId()
  const file = '\uFEFF type , userId,id,occurredAt,value\r\n' +
    `quest.cleared,${userId},a,2026-11-21T09:00:00+09:00,12.345\r\n\r\n` +
    `"quest.cleared", "${userId}" ,b,2026-11-22T00:00:00Z,\r\n`
  t.strictSame(await send(file), { status: 200, body: { accepted: 2, duplicates: 0, rejected: [] } })
  t.strictSame(await stored(userId), [
    { userId, type: 'quest.cleared', occurredAt: new Date('2026-11-21T00:00:00Z'), value: 12.345 },
    { userId, type: 'quest.cleared', occurredAt: new Date('2026-11-22T00:00:00Z') }
  ])
  t.strictSame((await send(file)).body, { accepted: 0, duplicates: 2, rejected: [] }, 'duplicates do not count')
  const named = { type: 'text/csv; header=present' }
  t.strictSame((await send(`id,userId,type\nc,${userId},user.visited`, named)).body.accepted, 1)
})

t.test('200 CSV: a cell of data is a boolean, a number or a string; in NAME:string, always a string', async t => {
  const userId = newUserId()
  const cells = [
    ['7', 7], ['-1.50', -1.5], ['1e3', 1000], ['true', true], ['FALSE', false], ['007', '007'], ['+7', '+7'],
    ['1.', '1.'], ['"1,5"', '1,5'], ['q-7', 'q-7'], ['"say ""hi"""', 'say "hi"'], ['한국어', '한국어'], ['=1+1', '=1+1'],
    ['', undefined]
  ] as const
  const lines = cells.map(([cell], index) => `i${10 + index},${userId},t,${cell},${cell}`)
  const { body } = await send(`id,userId,type,data.auto,data.text:string\n${lines.join('\n')}`)
  t.strictSame(body, { accepted: cells.length, duplicates: 0, rejected: [] })
  const found = await stored(userId)
  t.strictSame(found.map(({ data }) => data?.auto), cells.map(([, value]) => value))
  t.ok(found.every(({ data }) => data === undefined || typeof data.text === 'string'))
  t.notOk('data' in (found.at(-1) ?? {}), 'empty cells are absent')
})

t.test('200 CSV: the apostrophe that exportClaims writes before ids is ignored; other cells are unchanged', async t => {
  const userId = newUserId()
  const header = 'id,userId,type,data.note'
  const { body } = await send(`${header}
'1,'${userId},t,'x
1,${userId},t,y
''2,${userId},t,z`)
  t.match(body, { accepted: 1, duplicates: 1, rejected: [{ line: 4, code: 'INVALID_LINE' }] })
  t.match(await stored(userId), [{ userId, type: 't', data: { note: '\'x' } }])
})

t.test('200 CSV: an invalid line is rejected with its number and does not affect other lines', async t => {
  const userId = newUserId()
  const header = 'id,userId,type,occurredAt,value,data.n,data.n:string'
  const at = '2026-11-21T00:00:00Z'
  const lines: ReadonlyArray<readonly [content: string, code?: string, detail?: RegExp]> = [
    [`a,${userId},t,${at},,,`],
    [`b,${userId},t`, 'INVALID_LINE', /^Line 3 has 3 cells; the first line has 7\.$/],
    [`"c,${userId},t,${at},,,`, 'INVALID_LINE', /^Line 4 is not CSV/],
    [`a b,${userId},t,${at},,,`, 'INVALID_LINE', /^Line 5: id must match/],
    [`d,,t,${at},,,`, 'INVALID_LINE', /^Line 6: userId is required\.$/],
    [`d,${userId},a b,${at},,,`, 'INVALID_LINE', /^Line 7: type must match/],
    [`d,${userId},t,2026-11-21,,,`, 'INVALID_LINE', /^Line 8: occurredAt must be an RFC 3339 timestamp/],
    [`d,${userId},t,${at},1a,,`, 'INVALID_LINE', /^Line 9: value must be a number such as 12\.5\.$/],
    [`d,${userId},t,${at},9007199254740993,,`, 'INVALID_LINE', /^Line 10: value is a number that cannot/],
    [`d,${userId},t,${at},,12345678901234567890,`, 'INVALID_LINE', /stored exactly; name the column data\.n:string/],
    [`d,${userId},t,${at},,7,7`, 'INVALID_LINE', /^Line 12: a property of data has two cells\.$/],
    [`d,${userId},t,${at},x,7,7`, 'INVALID_LINE', /^Line 13: value must .* 12\.5; a property of data has two cells\.$/],
    [`d,${userId},t,${at},,,${'x'.repeat(1001)}`, 'INVALID_LINE', /^Line 14: data\.n /],
    [`d,${userId},t,${at},,,a\0b`, 'INVALID_LINE', /^Line 15 must not contain NUL\.$/],
    [`\uFEFFd,${userId},t,${at},,,`, 'INVALID_LINE', /^Line 16 has a byte order mark/],
    [`d,${userId},t,${at},1.0001,,`, 'VALUE_OUT_OF_RANGE'],
    [`d,${userId},event.granted,${at},,,`, 'RESERVED_TYPE'],
    [`d,${userId},t,2099-01-01T00:00:00Z,,,`, 'OCCURRED_IN_FUTURE'],
    [`z,${userId},user.visited,${at},1,7,`]
  ]
  const { status, body } = await send(`${header}\n${lines.map(([line]) => line).join('\n')}\n`)
  t.equal(status, 200)
  t.strictSame([body.accepted, body.duplicates], [2, 0])
  const bad = lines.flatMap(([, code, detail = /./], index) => code === undefined ? [] : [{ index, code, detail }])
  t.match(body.rejected, bad.map(({ index, code, detail }) => ({ index, line: index + 2, code, detail })))
  t.equal(body.rejected.length, bad.length)
  t.strictSame((await stored(userId)).map(({ type }) => type), ['t', 'user.visited'], 'an ADMIN may backfill')
})

t.test('200 CSV: the charset of the content type is respected', async t => {
  const userId = newUserId()
  const text = `id,userId,type,data.name\na,${userId},t,한국어\n`
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
  t.match(await send(utf16, { type: 'text/csv; charset=utf-16' }), { status: 200, body: { accepted: 1 } })
  t.match(await send(Buffer.from(utf16).swap16(), { type: 'text/csv; charset=utf-16' }), { body: { duplicates: 1 } })
  // 한국어 as a Korean Excel saves it.
  const korean = Buffer.concat([
    Buffer.from(`id,userId,type,data.name\nb,${userId},t,`), Buffer.from([0xc7, 0xd1, 0xb1, 0xb9, 0xbe, 0xee])
  ])
  t.match(await send(korean, { type: 'text/csv; charset=euc-kr' }), { status: 200, body: { accepted: 1 } })
  t.strictSame((await stored(userId)).map(({ data }) => data.name), ['한국어', '한국어'])
  t.match(await send(korean), { status: 400, body: { code: 'INVALID_CSV', detail: /not valid utf-8/ } })
})

const longList = inFullRun(10_000, 2500)
t.test(`200 CSV: ${longList} lines are stored in chunks`, async t => {
  const userId = newUserId()
  const broken = [7, 1700, longList - 1]
  const lines = Array.from({ length: longList }, (_, index) =>
    broken.includes(index) ? 'broken' : `i${index},${userId},t`)
  const { status, body } = await send(`id,userId,type\n${lines.join('\n')}`)
  t.equal(status, 200)
  const code = 'INVALID_LINE'
  t.match(body, {
    accepted: longList - 3,
    duplicates: 0,
    rejected: broken.map(index => ({ index, line: index + 2, code }))
  })
  t.equal(await activities.countDocuments({ userId }), longList - 3)
})

t.test('400 CSV: other columns, no lines or too many, and nothing is stored', async t => {
  const before = await activities.countDocuments()
  for (const file of [
    '', 'id,userId,type', 'id,userId,type\n\n', 'a,b,c\nd,e,f', 'id,userId\na,b', 'id,userId,type,more\na,b,c,d',
    'id,userId,type,id\na,b,c,d', 'id;userId;type\na;b;c',
    'id,userId,type,data\na,b,c,d', 'id,userId,type,data.\na,b,c,d',
    'id,userId,type,data.$x\na,b,c,d', 'id,userId,type,data.n:number\na,b,c,d', '"id,userId,type\na,b,c',
    `id,userId,type\n${'x,y,z\n'.repeat(10_001)}`, Buffer.from([0xff])
  ]) t.match(await send(file), { status: 400, body: { code: 'INVALID_CSV' } }, String(file).slice(0, 40))
  for (const type of ['text/csv; header=absent', 'text/csv; header=maybe', 'text/csv; charset=klingon']) {
    t.match(await send(`id,userId,type\na,${newUserId()},t`, { type }), { status: 400, body: { code: 'INVALID_CSV' } })
  }
  const query = '?dryRun=yes'
  t.match(await send('id,userId,type\na,b,t', { query }), { status: 400, body: { errors: [{ pointer: '/dryRun' }] } })
  t.equal(await activities.countDocuments(), before)
})

t.test('403 CSV: a machine client can send only JSON', async t => {
  const userId = newUserId()
  const answer = await send(`id,userId,type\na,${userId},t`, { token: as('SERVICE') })
  t.match(answer, { status: 403, body: { code: 'FORBIDDEN', detail: /send them as JSON/ } })
  t.equal(await activities.countDocuments({ userId }), 0)
})

t.test('200 dryRun: the response predicts the result and contains unknown users', async t => {
  const [userId, stranger, disabled] = [newUserId(), newUserId(), newUserId()]
  accounts.set(stranger, 'gone').set(disabled, 'DISABLED')
  const known = { id: 'known', userId, type: 't' }
  const sent = [
    known, { ...known, id: 'new' }, { ...known, id: 'new' }, { ...known, userId: stranger },
    { ...known, userId: disabled }, { ...known, id: 'bad', value: -1 }
  ]
  const dryRun = { token: admin, body: { activities: sent } }
  await call('POST', '/v1/activities', { token: admin, body: { activities: [known] } })
  const before = await activities.countDocuments()
  const expected = { accepted: 3, duplicates: 2, unknownUsers: [stranger] }
  const asked = lookups()
  t.match((await call('POST', '/v1/activities?dryRun=true', dryRun)).body, {
    ...expected, rejected: [{ index: 5, code: 'VALUE_OUT_OF_RANGE' }]
  })
  t.equal(lookups() - asked, 1, 'one lookup for all users')
  const file = `id,userId,type,value\n${sent.map(({ value, ...one }: any) =>
    `${one.id as string},${one.userId as string},t,${String(value ?? '')}`).join('\n')}\nbroken`
  t.match((await send(file, { query: '?dryRun=true' })).body, {
    ...expected, rejected: [{ line: 7, code: 'VALUE_OUT_OF_RANGE' }, { line: 8, code: 'INVALID_LINE' }]
  })
  t.equal(await activities.countDocuments(), before)
  const { body } = await call('POST', '/v1/activities?dryRun=false', dryRun)
  t.match(body, { accepted: 3, duplicates: 2 }, 'the dry run matches the real result')
  t.notOk('unknownUsers' in body)
})

t.test('200 dryRun: the counts of a long file cover all chunks', async t => {
  const [userId, stranger] = [newUserId(), newUserId()]
  accounts.set(stranger, 'gone')
  const lines = Array.from({ length: 1200 }, (_, index) => `i${index % 1000},${index % 2 ? stranger : userId},t`)
  const { body } = await send(`id,userId,type\n${lines.join('\n')}\n`, { query: '?dryRun=true' })
  t.strictSame(body, { rejected: [], accepted: 1000, duplicates: 200, unknownUsers: [stranger] })
  t.strictSame((await send('id,userId,type\nbroken', { query: '?dryRun=true' })).body.unknownUsers, [])
})

t.test('503 dryRun: accounts cannot be looked up; for a long file, only that chunk is rejected', async t => {
  const [userId, silent] = [newUserId(), newUserId()]
  accounts.set(silent, 'silent')
  const file = (at: number) => `id,userId,type\n${Array.from({ length: 1000 }, (_, index) =>
    index === at + 1 ? 'broken' : `i${index},${index === at ? silent : userId},t`).join('\n')}`
  const dryRun = { query: '?dryRun=true' }
  t.match(await send(file(0), dryRun), { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
  const { status, body } = await send(file(600), dryRun)
  t.match([status, body.accepted, body.rejected.length], [200, 500, 500])
  const codes = body.rejected.map(({ code }: { code: string }) => code)
  t.strictSame(codes.filter((code: string) => code !== 'SERVICE_UNAVAILABLE'), ['INVALID_LINE'])
})
