import { hashPassword, verifyPasswordAtCost } from './bcrypt.ts'

/** A task of a worker thread: compares the password with `hash`, or hashes it if there is no `hash`. */
export interface PasswordTask {
  readonly password: string
  readonly cost: number
  readonly hash?: string
}

export default function run ({ password, cost, hash }: PasswordTask): string | boolean {
  return hash === undefined ? hashPassword(password, cost) : verifyPasswordAtCost(password, hash, cost)
}
