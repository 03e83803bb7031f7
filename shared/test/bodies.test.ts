import { NoBody, Strict } from '@laurel/shared/contracts'
import t from 'tap'
import { Type } from 'typebox'
import { Anything, echoService, quietService } from './support/service.ts'

const open = echoService(Anything)
const empty = echoService(NoBody)
const json = { 'content-type': 'application/json' }

async function post (payload: string | Buffer | undefined, headers: Record<string, string> = json, app = open) {
  return await app.inject({ method: 'POST', url: '/', headers, ...(payload === undefined ? {} : { payload }) })
}

for (const [name, payload, headers] of [
  ['none', undefined, {}], ['none with a content type', undefined, json], ['an empty one', '', json], ['{}', '{}', json], ['{} with spaces', ' { } \n', json],
  ['an empty one of length 0', '', { ...json, 'content-length': '0' }]
] as const) {
  t.test(`200 for an operation without properties: ${name}`, async t => {
    const answer = await post(payload, headers, empty)
    t.equal(answer.statusCode, 200)
    t.same(answer.json(), { body: {} })
  })
}

t.test('400 for an operation without properties: anything else', async t => {
  for (const payload of ['{"a":1}', '[]', 'null', '""', '0', 'false']) t.match((await post(payload, json, empty)).json(), { status: 400, code: 'VALIDATION_FAILED' }, payload)
})

t.test('400 that names every missing property, when there is no body', async t => {
  const app = echoService(Strict({ name: Type.String(), size: Type.Integer() }))
  t.match((await post(undefined, {}, app)).json(), { status: 400, errors: [{ pointer: '/name', detail: 'is required' }, { pointer: '/size', detail: 'is required' }] })
})

t.test('200: JSON is UTF-8, whatever the content type adds', async t => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON']) {
    t.same((await post('{"name":"김 🎁 é"}', { 'content-type': type })).json(), { body: { name: '김 🎁 é' } }, type)
  }
})

for (const [name, bytes] of [
  ['a byte that begins nothing', [0xff]], ['a character cut off', [0xe2, 0x82]], ['an overlong slash', [0xc0, 0xaf]], ['a surrogate', [0xed, 0xa0, 0x80]], ['latin-1', [0xe9]]
] as const) {
  t.test(`400 for invalid UTF-8: ${name}`, async t => {
    t.match((await post(Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]))).json(), { status: 400, code: 'INVALID_JSON', detail: 'The body is not valid UTF-8' })
  })
}

for (const text of ['{', '{"a":1', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":01}', '{"a":NaN}', '{"a":"\t"}', 'undefined', '{"a":1}}', '{"a":1}{"a":2}', '// {}', '[1,]', ' ', '\u0000', '{"canary-secret']) {
  t.test(`400 for invalid JSON, which is not repeated: ${JSON.stringify(text)}`, async t => {
    const answer = await post(text)
    t.match(answer.json(), { status: 400, title: 'Bad Request', code: 'INVALID_JSON', detail: 'The body is not valid JSON' })
    t.notMatch(answer.body, 'canary-secret')
  })
}

for (const text of ['{"__proto__":{"admin":true}}', '{"a":{"__proto__":1}}', '{"\\u005f_proto__":{}}', '{"constructor":{"prototype":{"admin":true}}}', '{"a":[{"constructor":{"prototype":1}}]}']) {
  t.test(`400 for what would change every object: ${text}`, async t => {
    t.match(await post(text), { statusCode: 400 })
    t.notOk('admin' in {})
  })
}

for (const type of ['text/plain', 'text/json', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'application/problem+json', '*/*', ';;', 'json']) {
  t.test(`415: ${type}`, async t => {
    t.match((await post('{}', { 'content-type': type })).json(), { status: 415, title: 'Unsupported Media Type', code: 'UNSUPPORTED_MEDIA_TYPE' })
  })
}

t.test('415 for a body without a content type', async t => {
  t.match((await post(Buffer.from('{}'), {})).json(), { status: 415 })
})

t.test('413 one byte beyond 64 kB, 200 at it', async t => {
  const body = (length: number) => `{"a":"${'x'.repeat(length - 8)}"}`
  t.match(await post(body(64 * 1024)), { statusCode: 200 })
  t.match((await post(body(64 * 1024 + 1))).json(), { status: 413, title: 'Payload Too Large', code: 'BODY_TOO_LARGE' })
})

t.test('400 for a body that is not as long as it says', async t => {
  t.match((await post('{}', { ...json, 'content-length': '3' })).json(), { status: 400, code: 'INVALID_BODY' })
})

for (const [name, payload, pointer, detail] of [
  ['NUL in a text', '{"name":"a\\u0000b"}', '/name', 'must not contain NUL'],
  ['NUL in a list', '{"a":["x",{"b":"\\u0000"}]}', '/a/1/b', 'must not contain NUL'],
  ['NUL in a name', '{"a\\u0000b":1}', '/a�b', 'must not contain NUL'],
  ['a lone high surrogate', '{"name":"\\ud83c"}', '/name', 'must be well-formed Unicode'],
  ['a lone low surrogate', '{"name":"x\\udf81y"}', '/name', 'must be well-formed Unicode'],
  ['surrogates the wrong way round', '{"name":"\\udf81\\ud83c"}', '/name', 'must be well-formed Unicode'],
  ['a lone surrogate in a name', '{"\\ud83c":1}', '/�', 'must be well-formed Unicode'],
  ['constructor as a name', '{"constructor":1}', '/constructor', 'is not a name that a property may have'],
  ['prototype as a name, deep inside', '{"a":[{"prototype":{}}]}', '/a/0/prototype', 'is not a name that a property may have'],
  ['names that a pointer escapes', '{"a/b":{"~c":"\\u0000"}}', '/a~1b/~0c', 'must not contain NUL'],
  ['21 levels', `${'{"a":'.repeat(21)}1${'}'.repeat(21)}`, '/a'.repeat(20), 'is nested deeper than 20 levels'],
  ['21 lists', `{"a":${'['.repeat(20)}${']'.repeat(20)}}`, `/a${'/0'.repeat(19)}`, 'is nested deeper than 20 levels']
] as const) {
  t.test(`400 with a pointer: ${name}`, async t => {
    t.same((({ status, code, errors }) => ({ status, code, errors }))((await post(payload)).json()), { status: 400, code: 'VALIDATION_FAILED', errors: [{ pointer, detail }] })
  })
}

t.test('400 and no crash: lists within lists, as deep as a body can hold', async t => {
  t.match(await post('['.repeat(32_000) + ']'.repeat(32_000)), { statusCode: 400 })
  t.match(await post('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)), { statusCode: 400 })
  t.match(await post(`{"__proto__":1,"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`), { statusCode: 400 })
})

t.test('200: whole surrogate pairs, 20 levels and names that only look like the refused ones', async t => {
  for (const payload of ['{"name":"\\ud83c\\udf81 🎁"}', `${'{"a":'.repeat(20)}1${'}'.repeat(20)}`, '{"Constructor":1,"proto":2,"toString":3,"hasOwnProperty":4}']) {
    t.same((await post(payload)).json(), { body: JSON.parse(payload) })
  }
})

t.test('400: the same in a query', async t => {
  const app = quietService()
  app.get('/', async ({ query }) => query)
  for (const [query, pointer] of [['q=a%00b', '/q'], ['constructor=1', '/constructor'], ['__proto__=1', '/__proto__'], ['q=1&q=%00', '/q/1'], ['%00=1', '/�']] as const) {
    t.match((await app.inject(`/?${query}`)).json(), { status: 400, errors: [{ pointer }] }, query)
  }
  t.match(await app.inject('/?q=%F0%9F%8E%81'), { statusCode: 200 })
})
