import type { Actor } from '@laurel/shared/audit'
import { rotateSecret, type Client, type ClientWithSecret } from '../domain/client.ts'
import type { ClientStore } from '../stores/clients.ts'

/**
 * Throws 404 `CLIENT_NOT_FOUND`.
 * @param keepOldFor how long the current secret stays valid, in seconds.
 */
export type RotateClientSecret = (clientId: string, keepOldFor: number, by: Actor) => Promise<string>

/** Gives a machine client a new secret and returns it. */
export function createRotateClientSecret (clients: ClientStore): RotateClientSecret {
  return async (clientId, keepOldFor, by) => {
    const rotate = (client: Client): ClientWithSecret => rotateSecret(client, keepOldFor, new Date())
    const { secret } = await clients.rotateSecret(clientId, rotate, by)
    return secret
  }
}
