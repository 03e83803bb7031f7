import { STATUS_CODES } from 'node:http'
import { errorEntry, errorTable } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import type { FastifyReply } from 'fastify'
import { createPage, toHtml } from './html.ts'

type SendPage = (reply: FastifyReply, html: string) => FastifyReply

/** Serves a page for each error code at `/docs/errors/CODE`, and a list of all codes at `/docs/errors`. */
export function addErrorPages (app: Server, stylesheet: string, sendPage: SendPage): void {
  const list = createPage({ title: 'Error codes · Laurel API', stylesheet, body: listBody() })
  app.get('/docs/errors', async (_request, reply) => sendPage(reply, list))
  app.get<{ Params: { code: string } }>('/docs/errors/:code', async (request, reply) => {
    const { code } = request.params
    const entry = errorEntry(code)
    if (entry === undefined) return app.sendNotFound(request, reply)
    const { status, title, meaning, action } = entry
    const body = `<main>
<p><a href="/docs">Laurel API</a> · <a href="/docs/errors">Error codes</a></p>
<h1>${toHtml(title)}</h1>
<p class="muted"><code>${code}</code> · ${describeStatus(status)}</p>
<h2>What it means</h2>
<p>${toHtml(meaning)}</p>
<h2>What to do</h2>
<p>${toHtml(action)}</p>
</main>`
    return sendPage(reply, createPage({ title: `${code} · Laurel API`, stylesheet, body }))
  })
}

function listBody (): string {
  const entries = Object.entries(errorTable).sort(([one], [other]) => one < other ? -1 : 1)
  const items = entries.map(([code, { status, title }]) =>
    `<dt><a href="/docs/errors/${code}"><code>${code}</code></a></dt>
<dd>${toHtml(title)} <span class="muted">${describeStatus(status)}</span></dd>`)
  return `<main>
<p><a href="/docs">Laurel API</a></p>
<h1>Error codes</h1>
<dl>
${items.join('\n')}
</dl>
</main>`
}

function describeStatus (status: number | null): string {
  return status === null ? 'in a list of results' : `${status} ${STATUS_CODES[status]}`
}
