import swagger, { type StaticDocumentSpec } from '@fastify/swagger'
import { publicContracts } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { createDocument, type OpenApiDocument } from './document.ts'

// The document describes all services, so it is generated from the contracts and not from the routes of this server.
// The plugin has types for OpenAPI 3.0, but this document is 3.1.
const document = createDocument(publicContracts) as unknown as StaticDocumentSpec['document']

/** Serves the OpenAPI document at `/openapi.json`. Its `servers` entry is the base URL of the client's request. */
export async function addDocument (app: Server): Promise<void> {
  await app.register(swagger, { mode: 'static', specification: { document } })
  app.get('/openapi.json', async ({ protocol, host }) => {
    const { openapi, info, ...rest } = app.swagger() as unknown as OpenApiDocument
    return { openapi, info, servers: [{ url: `${protocol}://${host}` }], ...rest }
  })
}
