import { createHash } from 'node:crypto'
import { DomainError } from '@laurel/shared/errors'

/** How wrong passwords are counted and slowed down. Times in seconds. */
export interface Slowing {
  /** So many wrong tries cost nothing. */
  readonly free: number
  /** Then the wait doubles from one second up to this. */
  readonly longest: number
  /** How long a wrong try is remembered. */
  readonly memory: number
  /** Whether each wrong try prolongs the memory of those before. */
  readonly slides: boolean
}

/** One thing that guesses are counted by. */
export interface Guessed {
  readonly key: string
  readonly slowing: Slowing
}

/** Known or not: the address is all that is looked at, so a wait tells nothing about accounts. 15 minutes at most. */
const account: Slowing = { free: 5, longest: 900, memory: 3600, slides: true }

/** Many people share an address (NAT), so it is slowed late and little; the window ends even where somebody is always wrong. */
const address: Slowing = { free: 1000, longest: 60, memory: 900, slides: false }

/** Who holds a session and guesses its password slows that session only, never the owner's sign-in. */
const session: Slowing = account

// Nothing personal is kept: the address of an account that is deleted could not be erased from here.
const keyOf = (kind: string, text: string): string => `${kind}:${createHash('sha256').update(text).digest('base64url')}`

export const guessedAccount = (email: string): Guessed => ({ key: keyOf('account', email), slowing: account })
export const guessedAddress = (ip: string): Guessed => ({ key: keyOf('address', ip), slowing: address })
export const guessedInSession = (sessionId: string): Guessed => ({ key: keyOf('session', sessionId), slowing: session })

/** Milliseconds to wait after the `failures`-th wrong try. */
export function waitAfter (failures: number, { free, longest }: Slowing): number {
  return failures <= free ? 0 : Math.min(longest, 2 ** (failures - free - 1)) * 1000
}

/** @param wait milliseconds. */
export function tooManyAttempts (wait: number): DomainError {
  return new DomainError('too-many', 'TOO_MANY_ATTEMPTS', 'Too many wrong passwords: wait before the next try', { retryAfter: wait / 1000 })
}
