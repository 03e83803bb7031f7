import type { User as PublicUser } from '@laurel/shared/contracts'
import type { User } from '../domain/user.ts'

/** What others may see of an account: not its hash, not who invited it. */
export function showUser ({ id, email, name, role, status, referralCode, createdAt }: User): PublicUser {
  return { id, email, name, role, status, referralCode, createdAt: createdAt.toISOString() }
}
