import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import type { RouteContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { createDocument, type OpenApiDocument } from './document.ts'

/** Serves the OpenAPI document at `/openapi.json`. Its server is the URL at which the client asked for it. */
export async function addDocument (app: Server, contracts: readonly RouteContract[]): Promise<void> {
  // The document describes all services, so it is made from their contracts and not from the routes of this server.
  // The types of the plugin know OpenAPI 3.0, where this one is 3.1.
  const document = createDocument(contracts) as unknown as StaticDocumentSpec['document']
  await app.register(swagger, { mode: 'static', specification: { document } })
  app.get('/openapi.json', async ({ protocol, host }) => {
    const { openapi, info, ...rest } = app.swagger() as unknown as OpenApiDocument
    return { openapi, info, servers: [{ url: `${protocol}://${host}` }], ...rest }
  })
}
