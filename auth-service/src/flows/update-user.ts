import type { Actor } from '@laurel/shared/audit'
import { invalidField } from '@laurel/shared/errors'
import { changeAccount, type AccountPatch } from '../domain/account-change.ts'
import type { User } from '../domain/user.ts'
import type { AccountStore } from '../stores/accounts.ts'
import type { ClientStore } from '../stores/clients.ts'

export interface UserUpdate {
  readonly userId: string
  readonly patch: AccountPatch
  /** Returns whether the caller has seen this version. */
  readonly isCurrent: (version: number) => boolean
  readonly by: Actor
}

/** Throws 400 for an unknown client, 404 `USER_NOT_FOUND`, 409 `LAST_ADMIN` or `NO_PASSWORD`, or 412. */
export type UpdateUser = (update: UserUpdate) => Promise<User>

/** Changes the role, the status or the machine client of a user. */
export function createUpdateUser (accounts: AccountStore, clients: ClientStore): UpdateUser {
  return async ({ userId, patch, isCurrent, by }) => {
    if (patch.clientId !== undefined && await clients.find(patch.clientId) === null) {
      throw invalidField('/clientId', 'is not the id of a machine client')
    }
    const decide = (user: User) => changeAccount(user, patch, isCurrent)
    return await accounts.change(userId, { action: 'updateUser', by, decide })
  }
}
