import { errorTable } from '@laurel/shared/contracts'
import t from 'tap'
import { toHtml } from '../../../src/openapi/html.ts'
import { startGateway } from '../../support/gateway.ts'

const { app, call } = await startGateway(t)

t.test('200: every error code has a page that explains its meaning and what to do', async t => {
  for (const [code, { title, meaning, action }] of Object.entries(errorTable)) {
    const { statusCode, headers, body } = await app.inject(`/docs/errors/${code}`)
    t.equal(statusCode, 200, code)
    t.match(headers, { 'content-type': /^text\/html/, 'content-security-policy': /default-src 'none'/ })
    for (const text of [title, meaning, action]) t.ok(body.includes(toHtml(text)), text)
    t.match(body, `<code>${code}</code>`)
  }
})

t.test('200: /docs/errors links to the page of every code', async t => {
  const { statusCode, body } = await app.inject('/docs/errors')
  t.equal(statusCode, 200)
  const links = [...body.matchAll(/href="\/docs\/errors\/([A-Z_]+)"/g)].map(([, code]) => code)
  t.same(links, Object.keys(errorTable).sort())
})

t.test('the type of a problem document leads to the page of its code', async t => {
  const { body } = await call('GET', '/v1/events')
  t.equal(body.code, 'UNAUTHENTICATED')
  const { statusCode, body: page } = await app.inject(body.type)
  t.equal(statusCode, 200)
  t.match(page, 'UNAUTHENTICATED')
})

t.test('404 for a code that does not exist', async t => {
  for (const code of ['NOTHING', 'out_of_stock', 'constructor', '__proto__', 'toString']) {
    t.match((await app.inject(`/docs/errors/${code}`)).json(), { status: 404, code: 'NOT_FOUND' }, code)
  }
})

t.test('text is escaped as HTML', async t => {
  t.equal(toHtml('a < b & "c" > `d<e`'), 'a &lt; b &amp; &quot;c&quot; &gt; <code>d&lt;e</code>')
})
