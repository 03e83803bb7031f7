import t from 'tap'
import { activeEvent } from '../../../../test/kit/servers/events.ts'
import { as, type Row } from '../../../../test/kit/servers/event-service.ts'
import { sharedEventService } from '../../../../test/kit/servers/shared-event-service.ts'

const { call, db, url } = await sharedEventService()
const operator = as('OPERATOR')

/** Creates an event with an empty pool. */
async function createPool () {
  const eventId = await activeEvent(call, operator, null, [{ type: 'COUPON', name: 'A free coffee' }])
  const { data } = (await call('GET', `/v1/events/${eventId}/rewards`, { token: operator })).body
  const path = `/v1/events/${eventId}/rewards/${data[0].id as string}/codes`
  return {
    async send (body: string | Buffer, contentType = 'text/csv') {
      const headers = { authorization: `Bearer ${operator}`, 'content-type': contentType }
      const response = await fetch(`${url}${path}`, { method: 'POST', headers, body })
      return { status: response.status, body: await response.json() as Record<string, any> }
    },
    codes: async (): Promise<string[]> =>
      (await db.collection<Row>('couponCodes').find({ eventId }).sort({ number: 1 }).toArray()).map(({ code }) => code)
  }
}

t.test('200: a file has one code per line, with any line endings, quotes, spaces and a byte order mark', async t => {
  const { send, codes } = await createPool()
  const file = '\uFEFFCSV-1\r\n"CSV-2"\n\n  CSV-3  \r"CSV-4" \nCSV-1\n"say""hi"""\n"A,1"\n"A;1"'
  t.hasStrict(await send(file), { status: 200, body: { added: 7, duplicates: 1 } })
  t.strictSame((await codes()).sort(), ['A,1', 'A;1', 'CSV-1', 'CSV-2', 'CSV-3', 'CSV-4', 'say"hi"'])
})

t.test('200: the charset of the content type is respected', async t => {
  const { send, codes } = await createPool()
  const utf16 = Buffer.from('\uFEFFCODE-1\r\nCODE-2\r\n', 'utf16le')
  t.hasStrict(await send(utf16, 'text/csv; charset=utf-16'), { status: 200, body: { added: 2 } })
  const bigEndian = Buffer.from(utf16).swap16()
  t.hasStrict(await send(bigEndian, 'text/csv; charset=UTF-16'), { body: { added: 0, duplicates: 2 } })
  t.hasStrict(await send('CODE-3', 'text/csv;charset="windows-1252"'), { status: 200, body: { added: 1 } })
  t.strictSame((await codes()).sort(), ['CODE-1', 'CODE-2', 'CODE-3'])
})

t.test('400: a body that is not valid in its charset, or a charset that does not exist', async t => {
  const { send, codes } = await createPool()
  const utf16 = Buffer.from('\uFEFFCODE-1', 'utf16le')
  for (const [body, contentType, detail] of [
    [utf16, 'text/csv', /not valid utf-8.*charset=utf-16/],
    [Buffer.from([0xff]), 'text/csv; charset=utf-8', /not valid utf-8/],
    [Buffer.from([0x41]), 'text/csv; charset=utf-16', /not valid utf-16/],
    ['CODE-1', 'text/csv; charset=klingon', /charset klingon is not supported/]
  ] as const) {
    const answer = await send(body, contentType)
    t.hasStrict(answer, { status: 400, body: { code: 'INVALID_CSV' } }, contentType)
    t.match(answer.body['detail'], detail)
  }
  t.strictSame(await codes(), [])
})

t.test('200: header=present skips the first line, header=absent makes it a code', async t => {
  const { send, codes } = await createPool()
  t.hasStrict(await send('Coupon code\nCODE-1\n', 'text/csv; header=present'), { status: 200, body: { added: 1 } })
  t.hasStrict(await send('CODE\nCODE-2\n', 'text/csv; header=absent'), { status: 200, body: { added: 2 } })
  t.hasStrict(await send('CODE-3\nCODE\n'), { status: 200, body: { added: 1, duplicates: 1 } }, 'not in the first line')
  t.strictSame((await codes()).sort(), ['CODE', 'CODE-1', 'CODE-2', 'CODE-3'])
  t.hasStrict(await send('CODE-4', 'text/csv; header=maybe'), { status: 400, body: { code: 'INVALID_CSV' } })
})

t.test('400: the response contains the number of the invalid line, and nothing is added', async t => {
  const { send, codes } = await createPool()
  for (const [file, detail] of [
    ['code\nCODE-1', /^Line 1 looks like a header\..*header=present/],
    ['\n\n"Coupon Code"\nCODE-1', /^Line 3 looks like a header/],
    ['voucher_codes\nCODE-1', /^Line 1 looks like a header/],
    ['sep=;\nCODE-1', /^Line 1 is a setting of a spreadsheet/],
    ['OK-1\nCODE;10', /^Line 2 has several columns/],
    ['OK-1\nCODE,10', /^Line 2 has several columns/],
    ['OK-1\nCODE\t10', /^Line 2 has several columns/],
    ['OK-1\n"A-1","A-2"', /^Line 2 has several columns/],
    ['OK-1\nA-1,', /^Line 2 has several columns/],
    ['OK-1\n\n\uFEFFA-1', /^Line 3 has a byte order mark/],
    ['OK-1\r\nA 1', /^Line 2 is not a code/],
    ['OK-1\r\n쿠폰', /^Line 2 is not a code/],
    [`OK-1\n${'x'.repeat(101)}`, /^Line 2 is not a code/],
    ['OK-1\n"A\n1"', /^Line 3 is not a code/],
    ['OK-1\n"A-1', /^Line 2 has a quote in the wrong place/],
    ['OK-1\nA"1', /^Line 2 has a quote in the wrong place/]
  ] as const) {
    const answer = await send(file)
    t.hasStrict(answer, { status: 400, body: { code: 'INVALID_CSV' } }, file)
    t.match(answer.body['detail'], detail)
  }
  t.hasStrict(await send(' \n\n'), { status: 400, body: { errors: [{ pointer: '/codes' }] } }, 'a file without codes')
  t.strictSame(await codes(), [])
})

t.test('415: no other operation accepts CSV', async t => {
  const request = { token: operator, body: 'a,b', headers: { 'content-type': 'text/csv' } }
  t.hasStrict(await call('POST', '/v1/events', request), { status: 415 })
})
