import type { Server } from '@laurel/shared/http'
import type { FastifyReply } from 'fastify'
import { addAsset } from './assets.ts'
import { addDocument } from './document-route.ts'
import { addErrorPages } from './error-pages.ts'
import { contentSecurityPolicy, createPage } from './html.ts'

const script = 'text/javascript; charset=utf-8'

/**
 * Serves the OpenAPI document of all services at `/openapi.json`, a page that shows it at `/docs`, and a page for each
 * error code. `/` redirects to `/docs`. The pages load nothing from other servers.
 */
export async function addDocs (app: Server): Promise<void> {
  app.addHook('onRoute', route => { route.config = { ...route.config, operationId: 'docs', access: 'public' } })
  await addDocument(app)
  const library = addAsset(app, 'api-reference/api-reference.js.br', script)
  const reference = addAsset(app, 'docs/reference.js', script)
  const page = createPage({
    title: 'Laurel API',
    body: `<div id="reference"></div>
<noscript><p>This page needs JavaScript. The document is at <a href="/openapi.json">/openapi.json</a>.</p></noscript>
<script src="${library.path}"></script>
<script src="${reference.path}"></script>`
  })
  app.get('/', async (_request, reply) => await reply.redirect('/docs'))
  for (const path of ['/docs', '/docs/']) app.get(path, async (_request, reply) => sendPage(reply, page))
  const stylesheet = addAsset(app, 'docs/docs.css', 'text/css; charset=utf-8')
  addErrorPages(app, stylesheet.path, sendPage)
}

function sendPage (reply: FastifyReply, html: string): FastifyReply {
  return reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy,
      'cache-control': 'no-cache'
    })
    .send(html)
}
