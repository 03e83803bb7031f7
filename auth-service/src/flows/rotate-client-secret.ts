import type { Actor } from '@laurel/shared/audit'
import { rotateSecret } from '../domain/client.ts'
import type { ClientStore } from '../stores/clients.ts'

/**
 * @param keepOldFor how long the current secret stays valid, in seconds.
 * @throws {DomainError} 404 `CLIENT_NOT_FOUND`.
 */
export type RotateClientSecret = (clientId: string, keepOldFor: number, by: Actor) => Promise<string>

/** Gives a machine client a new secret and returns it. */
export function createRotateClientSecret (clients: ClientStore): RotateClientSecret {
  return async (clientId, keepOldFor, by) => {
    let newSecret = ''
    await clients.rotateSecret(clientId, current => {
      const { client, secret } = rotateSecret(current, keepOldFor, new Date())
      newSecret = secret
      return client
    }, by)
    return newSecret
  }
}
