import { EmptyBody, Strict } from '@laurel/shared/contracts'
import t from 'tap'
import { Type } from 'typebox'
import { Anything, echoService, quietService } from '../support/service.ts'

const open = echoService(Anything)
const empty = echoService(EmptyBody)
const json = { 'content-type': 'application/json' }

async function post (payload: string | Buffer | undefined, headers: Record<string, string> = json, app = open) {
  return await app.inject({ method: 'POST', url: '/', headers, ...(payload === undefined ? {} : { payload }) })
}

for (const [name, payload, headers] of [
  ['no body', undefined, {}],
  ['no body, with a content type', undefined, json],
  ['an empty body', '', json],
  ['{}', '{}', json],
  ['{} with spaces', ' { } \n', json],
  ['an empty body of length 0', '', { ...json, 'content-length': '0' }]
] as const) {
  t.test(`200 for an operation without body properties: ${name}`, async t => {
    const response = await post(payload, headers, empty)
    t.equal(response.statusCode, 200)
    t.same(response.json(), { body: {} })
  })
}

t.test('400 for an operation without body properties: any other body', async t => {
  for (const payload of ['{"a":1}', '[]', 'null', '""', '0', 'false']) {
    t.match((await post(payload, json, empty)).json(), { status: 400, code: 'VALIDATION_FAILED' }, payload)
  }
})

t.test('400 that names every missing property if there is no body', async t => {
  const app = echoService(Strict({ name: Type.String(), size: Type.Integer() }))
  const errors = [{ pointer: '/name', detail: 'is required' }, { pointer: '/size', detail: 'is required' }]
  t.match((await post(undefined, {}, app)).json(), { status: 400, errors })
})

t.test('200: JSON is UTF-8, regardless of the parameters of the content type', async t => {
  for (const type of [
    'application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'
  ]) {
    const response = await post('{"name":"김 🎁 é"}', { 'content-type': type })
    t.same(response.json(), { body: { name: '김 🎁 é' } }, type)
  }
})

for (const [name, bytes] of [
  ['a byte that starts no character', [0xff]],
  ['a truncated character', [0xe2, 0x82]],
  ['an overlong slash', [0xc0, 0xaf]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
  ['latin-1', [0xe9]]
] as const) {
  t.test(`400 for invalid UTF-8: ${name}`, async t => {
    const payload = Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')])
    const problem = { status: 400, code: 'INVALID_JSON', detail: 'The body is not valid UTF-8.' }
    t.match((await post(payload)).json(), problem)
  })
}

for (const text of [
  '{', '{"a":1', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":NaN}', '{"a":"\t"}', 'undefined', '{"a":1}}',
  '{"a":1}{"a":2}', '// {}', '[1,]', ' ', '\u0000', '{"canary-secret'
]) {
  t.test(`400 for invalid JSON, without repeating it: ${JSON.stringify(text)}`, async t => {
    const response = await post(text)
    const problem = {
      status: 400, title: 'Invalid JSON', code: 'INVALID_JSON', detail: 'The body is not valid JSON.'
    }
    t.match(response.json(), problem)
    t.notMatch(response.body, 'canary-secret')
  })
}

for (const text of [
  '{"__proto__":{"admin":true}}',
  '{"a":{"__proto__":1}}',
  '{"\\u005f_proto__":{}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  '{"a":[{"constructor":{"prototype":1}}]}'
]) {
  t.test(`400 for prototype pollution: ${text}`, async t => {
    t.match(await post(text), { statusCode: 400 })
    t.notOk('admin' in {})
  })
}

for (const type of [
  'text/plain', 'text/json', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
  'application/jsonx', 'application/problem+json', '*/*', ';;', 'json'
]) {
  t.test(`415: ${type}`, async t => {
    const problem = { status: 415, title: 'Unsupported media type', code: 'UNSUPPORTED_MEDIA_TYPE' }
    t.match((await post('{}', { 'content-type': type })).json(), problem)
  })
}

t.test('415 for a body without a content type', async t => {
  t.match((await post(Buffer.from('{}'), {})).json(), { status: 415 })
})

t.test('413 for one byte more than 64 KiB, 200 for 64 KiB', async t => {
  const body = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
  t.match(await post(body(64 * 1024)), { statusCode: 200 })
  const problem = { status: 413, title: 'Body too large', code: 'BODY_TOO_LARGE' }
  t.match((await post(body(64 * 1024 + 1))).json(), problem)
})

t.test('400 for a body that does not match Content-Length', async t => {
  const response = await post('{}', { ...json, 'content-length': '3' })
  t.match(response.json(), { status: 400, code: 'INVALID_BODY' })
})

for (const [name, payload, pointer, detail] of [
  ['NUL in a string', '{"name":"a\\u0000b"}', '/name', 'must not contain NUL'],
  ['NUL in an array', '{"a":["x",{"b":"\\u0000"}]}', '/a/1/b', 'must not contain NUL'],
  ['NUL in a name', '{"a\\u0000b":1}', '/a\ufffdb', 'must not contain NUL'],
  ['a lone high surrogate', '{"name":"\\ud83c"}', '/name', 'must be well-formed Unicode'],
  ['a lone low surrogate', '{"name":"x\\udf81y"}', '/name', 'must be well-formed Unicode'],
  ['surrogates in the wrong order', '{"name":"\\udf81\\ud83c"}', '/name', 'must be well-formed Unicode'],
  ['a lone surrogate in a name', '{"\\ud83c":1}', '/\ufffd', 'must be well-formed Unicode'],
  ['constructor as a name', '{"constructor":1}', '/constructor', 'is not an allowed property name'],
  ['a nested prototype', '{"a":[{"prototype":{}}]}', '/a/0/prototype', 'is not an allowed property name'],
  ['names that a pointer escapes', '{"a/b":{"~c":"\\u0000"}}', '/a~1b/~0c', 'must not contain NUL'],
  ['21 levels', nest('{"a":', '1', '}', 21), '/a'.repeat(20), 'is nested deeper than 20 levels'],
  ['21 arrays', `{"a":${nest('[', '', ']', 20)}}`, `/a${'/0'.repeat(19)}`, 'is nested deeper than 20 levels']
] as const) {
  t.test(`400 with a pointer: ${name}`, async t => {
    const { status, code, errors } = (await post(payload)).json()
    t.same({ status, code, errors }, { status: 400, code: 'VALIDATION_FAILED', errors: [{ pointer, detail }] })
  })
}

function nest (start: string, inner: string, end: string, levels: number): string {
  return start.repeat(levels) + inner + end.repeat(levels)
}

t.test('400 and no crash for the deepest nesting that fits into a body', async t => {
  t.match(await post(nest('[', '', ']', 32_000)), { statusCode: 400 })
  t.match(await post(nest('{"a":', '1', '}', 10_000)), { statusCode: 400 })
  t.match(await post(`{"__proto__":1,"a":${nest('[', '', ']', 30_000)}}`), { statusCode: 400 })
})

t.test('200: surrogate pairs, 20 levels, and names that only look like the rejected ones', async t => {
  for (const payload of [
    '{"name":"\\ud83c\\udf81 🎁"}',
    nest('{"a":', '1', '}', 20),
    '{"Constructor":1,"proto":2,"toString":3,"hasOwnProperty":4}'
  ]) {
    t.same((await post(payload)).json(), { body: JSON.parse(payload) })
  }
})

t.test('400: the same rules apply to a query', async t => {
  const app = quietService()
  app.get('/', async ({ query }) => query)
  for (const [query, pointer] of [
    ['q=a%00b', '/q'],
    ['constructor=1', '/constructor'],
    ['__proto__=1', '/__proto__'],
    ['q=1&q=%00', '/q/1'],
    ['%00=1', '/\ufffd']
  ] as const) {
    t.match((await app.inject(`/?${query}`)).json(), { status: 400, errors: [{ pointer }] }, query)
  }
  t.match(await app.inject('/?q=%F0%9F%8E%81'), { statusCode: 200 })
})
