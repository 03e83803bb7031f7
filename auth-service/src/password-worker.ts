import { hashPassword, verifyPassword } from './domain/password.ts'

/** One task of a worker thread: with a hash it is a comparison, without one a new hash. */
export interface PasswordTask {
  readonly password: string
  readonly cost: number
  readonly hash?: string
}

export default function work ({ password, cost, hash }: PasswordTask): string | boolean {
  return hash === undefined ? hashPassword(password, cost) : verifyPassword(password, hash)
}
