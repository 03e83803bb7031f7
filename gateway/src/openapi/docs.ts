import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { publicContracts } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { addDocument } from './document-route.ts'
import { createDocument } from './document.ts'

/** Serves the page at `/docs` and the document at `/openapi.json`: one for all services, built from the contracts. */
export async function addDocs (app: Server): Promise<void> {
  app.addHook('onRoute', route => { route.config = { ...route.config, operationId: 'docs', access: 'public' } })
  addDocument(app, publicContracts)
  const document: object = { ...createDocument(publicContracts), servers: [{ url: '/' }] }
  const specification = { document: document as StaticDocumentSpec['document'] }
  await app.register(swagger, { mode: 'static', specification })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Over plain HTTP this directive would block the page's own scripts and styles.
    transformStaticCSP: policy => policy.replace(' upgrade-insecure-requests;', ''),
    // This layout has no bar that loads another document.
    uiConfig: { deepLinking: true, displayRequestDuration: true, layout: 'BaseLayout' }
  })
}
