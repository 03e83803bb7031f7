import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { brotliDecompressSync } from 'node:zlib'
import t from 'tap'
import { eventually } from '../../../../test/kit/run/eventually.ts'
import { startGateway } from '../../support/gateway.ts'

const { app, call } = await startGateway(t)
const page = (await app.inject('/docs')).body
const assets = [...page.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, path]) => String(path))
const libraryPath = assets.find(path => path.includes('api-reference')) ?? ''
const readAsset = (file: string) => readFileSync(new URL(`../../../assets/${file}`, import.meta.url), 'utf8')

t.test('302: / redirects to /docs', async t => {
  t.match(await app.inject('/'), { statusCode: 302, headers: { location: '/docs' } })
})

t.test('200: /docs serves a page that loads only what the gateway serves', async t => {
  for (const url of ['/docs', '/docs/']) {
    const { statusCode, headers, body } = await app.inject(url)
    t.equal(statusCode, 200)
    t.match(headers['content-type'], /^text\/html/)
    const policy = String(headers['content-security-policy'])
    t.match(policy, /default-src 'none'.*script-src 'self'.*connect-src 'self'/)
    t.notMatch(policy, /unsafe-eval|\*|https?:/)
    t.notMatch(policy, /script-src[^;]*unsafe-inline/)
    const references = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => String(reference))
    t.ok(references.every(reference => /^(\/[^/]|data:)/.test(reference)), references.join())
    for (const path of references.filter(reference => reference.startsWith('/'))) {
      t.equal((await app.inject(path)).statusCode, 200, path)
    }
  }
  t.equal(assets.length, 2)
})

t.test('the scripts and the stylesheet of the gateway refer to no other server', async t => {
  for (const file of ['docs/reference.js', 'docs/docs.css']) t.notMatch(readAsset(file), /(https?:)?\/\/[a-z]/, file)
})

t.test('assets are cached by their hash, forever', async t => {
  for (const path of assets) {
    t.match(path, /-[0-9a-f]{16}\.(js|css)$/)
    const { headers } = await app.inject(path)
    t.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  }
  t.equal((await app.inject(libraryPath.replace(/-[0-9a-f]{16}/, '-0123456789abcdef'))).statusCode, 404)
})

t.test('the API reference is compressed if the client accepts Brotli, and has the documented hash', async t => {
  const get = async (encoding?: string) =>
    await app.inject({ url: libraryPath, headers: encoding === undefined ? {} : { 'accept-encoding': encoding } })
  const plain = await get()
  t.equal(plain.headers['content-encoding'], undefined)
  t.match(readAsset('api-reference/README.md'), createHash('sha256').update(plain.rawPayload).digest('hex'))
  for (const encoding of ['br', 'gzip, deflate, br', 'gzip,br;q=0.5', 'BR']) {
    const { headers, rawPayload } = await get(encoding)
    t.match(headers, { 'content-encoding': 'br', vary: 'accept-encoding' }, encoding)
    t.ok(rawPayload.length < 1_000_000)
    t.ok(brotliDecompressSync(rawPayload).equals(plain.rawPayload))
  }
  for (const encoding of ['gzip', 'br;q=0', 'br; q=0.0, gzip', 'brotli', 'xbr']) {
    t.equal((await get(encoding)).headers['content-encoding'], undefined, encoding)
  }
})

t.test('the page shows the roles of every operation, keeps the token, and sends nothing elsewhere', async t => {
  const document = (await call('GET', '/openapi.json')).body
  let options: Record<string, any> | undefined
  runInContext(readAsset('docs/reference.js'), createContext({
    document: { title: 'Laurel API' },
    location: { origin: 'http://laurel' },
    fetch: async (url: string) => ({ json: async () => structuredClone(url === '/openapi.json' ? document : {}) }),
    Scalar: { createApiReference: (_target: string, given: Record<string, any>) => { options = given } }
  }))
  const { content, ...settings } = await eventually(async () => options)
  t.match(settings, {
    withDefaultFonts: false,
    proxyUrl: '',
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    persistAuth: true
  })
  t.match(content.info.description, '## Quick start')
  for (const [path, operations] of Object.entries<Record<string, any>>(content.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const badges = operation['x-badges'] as Array<{ name: string, color: string }>
      t.same(badges.map(({ name }) => name), operation['x-roles'], `${method} ${path}`)
      t.ok(badges.every(({ color }) => /^#[0-9a-f]{6}$/.test(color)))
    }
  }
})

t.test('404: the OpenAPI document has one address', async t => {
  for (const path of ['/docs/json', '/docs/yaml', '/docs/openapi.json', '/openapi.yaml', '/documentation/json']) {
    t.equal((await app.inject(path)).statusCode, 404, path)
  }
})
