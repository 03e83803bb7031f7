import type { RouteContract } from '@laurel/shared/contracts'
import type { Server } from '@laurel/shared/http'
import { createDocument } from './document.ts'

/** Serves the OpenAPI document at `/openapi.json`. Its server is the URL at which the client asked for it. */
export function addDocument (app: Server, contracts: readonly RouteContract[]): void {
  const document = createDocument(contracts)
  app.get('/openapi.json', async ({ protocol, host }) => {
    const { openapi, info, ...rest } = document
    return { openapi, info, servers: [{ url: `${protocol}://${host}` }], ...rest }
  })
}
