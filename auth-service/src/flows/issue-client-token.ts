import { invalidClientCredentials, verifySecret } from '../domain/client.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'
import type { ClientStore } from '../stores/clients.ts'

/** @throws {DomainError} 401 `INVALID_CREDENTIALS`. */
export type IssueClientToken = (clientId: string, clientSecret: string) => Promise<string>

/** Returns an access token for a machine client. */
export function createIssueClientToken (clients: ClientStore, tokens: TokenIssuer): IssueClientToken {
  return async (clientId, clientSecret) => {
    const client = await clients.find(clientId)
    if (!verifySecret(client, clientSecret, new Date())) throw invalidClientCredentials()
    // The client id is the session id of its tokens, so deleting the client revokes all of them.
    return tokens.accessToken({ id: client.id, role: 'SERVICE', sessionId: client.id })
  }
}
