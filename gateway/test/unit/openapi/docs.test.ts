import t from 'tap'
import { startGateway } from '../../support/gateway.ts'

const { app } = await startGateway(t)

t.test('200: /docs serves the page and everything that it loads, without a token', async t => {
  for (const url of ['/docs', '/docs/']) {
    const page = await app.inject(url)
    t.match(page, {
      statusCode: 200,
      headers: { 'content-type': /^text\/html/, 'content-security-policy': /default-src 'self'/ }
    }, url)
    const references = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)]
    const paths = references.map(([, reference]) => new URL(String(reference), `http://laurel${url}`).pathname)
    t.ok(paths.length > 3)
    for (const path of paths) t.equal((await app.inject(path)).statusCode, 200, path)
  }
  const document = (await app.inject('/openapi.json')).json()
  const shown = (await app.inject('/docs/json')).json()
  t.same(shown, { ...document, servers: [{ url: '/' }] }, 'the page reads the same document')
})
