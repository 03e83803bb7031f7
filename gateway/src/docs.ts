import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { publicContracts } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { describe } from './describe.ts'

/** The page at `/docs` and the document at `/openapi.json`: one for all services, made from the contracts. */
export async function docs (app: Server): Promise<void> {
  app.addHook('onRoute', route => { route.config = { ...route.config, operationId: 'docs', access: 'public' } })
  const document = await describe(publicContracts)
  await app.register(swagger, { mode: 'static', specification: { document: document as StaticDocumentSpec['document'] } })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // A gateway on plain HTTP would lose its own scripts and styles: TLS is for whoever stands in front to ask for.
    transformStaticCSP: policy => policy.replace(' upgrade-insecure-requests;', ''),
    // Without the bar that would load another document.
    uiConfig: { deepLinking: true, displayRequestDuration: true, layout: 'BaseLayout' }
  })
  app.get('/openapi.json', async () => document)
}
