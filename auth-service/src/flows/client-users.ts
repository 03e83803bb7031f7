import type { Actor } from '@laurel/shared/audit'
import { unauthenticated } from '@laurel/shared/tokens'
import { eraseAccount } from '../domain/account-change.ts'
import { createClientUser, isClientUserId } from '../domain/new-user.ts'
import {
  isUserOfClient, renameUser, userBeingErased, userExists, userNotActive, userNotFound, type ClientUser, type User
} from '../domain/user.ts'
import type { ErasureRelay } from '../outbox/erasure-relay.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { ClientStore } from '../stores/clients.ts'
import type { ClientUserInsertion, NewUserStore } from '../stores/new-users.ts'
import type { UserStore } from '../stores/users.ts'
import type { SignedIn } from './issue-tokens.ts'
import type { StartSession } from './start-session.ts'

export interface ClientUsersDependencies {
  readonly users: UserStore
  readonly newUsers: NewUserStore
  readonly accounts: AccountStore
  readonly clients: ClientStore
  readonly startSession: StartSession
  readonly erasures: ErasureRelay
}

export interface PutUser {
  readonly user: User
  readonly isCreated: boolean
}

/** The operations of a machine client on its own users. `clientId` is the id of the calling client. */
export interface ClientUsers {
  /**
   * Creates a user under an id that the client has chosen. Renames it if it exists and a name is given.
   * Throws 404 `USER_NOT_FOUND` for an id that cannot exist, 409 `USER_EXISTS`, or 503 if event-service cannot erase
   * the previous user with this id now.
   */
  put: (clientId: string, id: string, name: string | undefined) => Promise<PutUser>
  /** Throws 404 `USER_NOT_FOUND` or 409 `USER_NOT_ACTIVE`. */
  startSession: (clientId: string, id: string) => Promise<SignedIn>
  /**
   * Erases a user, here and in event-service. An ADMIN can erase any user, a machine client its own.
   * Throws 404 `USER_NOT_FOUND` or 409 `LAST_ADMIN`.
   */
  erase: (actor: Actor, id: string) => Promise<void>
}

export function createClientUsers (dependencies: ClientUsersDependencies): ClientUsers {
  const { users, newUsers, accounts, clients, startSession, erasures } = dependencies

  // The token of a deleted client stays valid for a short time.
  async function requireClient (clientId: string): Promise<void> {
    if (await clients.find(clientId) === null) throw unauthenticated()
  }

  async function insert (user: ClientUser): Promise<ClientUserInsertion> {
    const outcome = await newUsers.insertClientUser(user)
    if (outcome !== 'being-erased') return outcome
    await erasures.complete(user.id)
    return await newUsers.insertClientUser(user)
  }

  async function update (user: User | null, clientId: string, name: string | undefined): Promise<User> {
    if (!isUserOfClient(user, clientId)) throw userExists()
    return name === undefined ? user : await users.rename(user.id, current => renameUser(current, name, () => true))
  }

  return {
    async put (clientId, id, name) {
      await requireClient(clientId)
      if (!isClientUserId(id)) throw userNotFound()
      const existing = await users.find(id)
      if (existing !== null) return { user: await update(existing, clientId, name), isCreated: false }

      const user = createClientUser({ id, clientId, name: name ?? null, at: new Date() })
      const outcome = await insert(user)
      if (outcome === 'being-erased') throw userBeingErased()
      if (outcome === 'inserted') return { user, isCreated: true }
      // Another request has created the user in the meantime.
      return { user: await update(await users.find(id), clientId, name), isCreated: false }
    },
    async startSession (clientId, id) {
      await requireClient(clientId)
      const user = await users.find(id)
      if (!isUserOfClient(user, clientId)) throw userNotFound()
      if (user.status !== 'ACTIVE') throw userNotActive()
      const mayStart = (current: User | null): current is User =>
        isUserOfClient(current, clientId) && current.status === 'ACTIVE'
      const signedIn = await startSession(user, mayStart)
      if (signedIn === null) throw userNotActive()
      return signedIn
    },
    async erase (actor, id) {
      if (actor.role === 'SERVICE') await requireClient(actor.id)
      await accounts.change(id, {
        action: 'eraseUser',
        by: actor,
        decide (user) {
          if (actor.role === 'SERVICE' && !isUserOfClient(user, actor.id)) throw userNotFound()
          return eraseAccount(user)
        }
      })
      await erasures.deliver(id)
    }
  }
}
