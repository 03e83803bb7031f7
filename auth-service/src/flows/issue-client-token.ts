import { invalidClientCredentials, verifySecret } from '../domain/client.ts'
import type { TokenIssuer } from '../keys/token-issuer.ts'
import type { ClientStore } from '../stores/clients.ts'

/** Throws 401 `INVALID_CREDENTIALS`. */
export type IssueClientToken = (clientId: string, clientSecret: string) => Promise<IssuedClientToken>

export interface IssuedClientToken {
  readonly accessToken: string
  /** The lifetime of the access token, in seconds. */
  readonly expiresIn: number
}

/** Issues an access token to a machine client. */
export function createIssueClientToken (clients: ClientStore, tokens: TokenIssuer): IssueClientToken {
  return async (clientId, clientSecret) => {
    const client = await clients.find(clientId)
    if (!verifySecret(client, clientSecret, new Date())) throw invalidClientCredentials()
    // The client id is the session id of its tokens, so deleting the client revokes all of them.
    const accessToken = tokens.accessToken({ id: client.id, role: 'SERVICE', sessionId: client.id })
    return { accessToken, expiresIn: tokens.accessTokenTtl }
  }
}
