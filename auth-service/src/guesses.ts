import type { FastifyRequest } from 'fastify'
import { clientAddress } from './client-address.ts'
import { guessedAccount, guessedAddress, guessedInSession, type Guessed } from './domain/guessing.ts'
import { invalidCredentials } from './domain/user.ts'
import type { AttemptStore } from './stores/attempts.ts'

/** Slows down who tries passwords. */
export interface Guesses {
  /**
   * Looks at a password unless this account or address has to wait, and counts it where it is wrong.
   * @param look resolves to undefined for a wrong one.
   * @throws {DomainError} 401 · 429.
   */
  atLogin: <T>(request: FastifyRequest, email: string, look: () => Promise<T | undefined>) => Promise<T>
  /** The same for the password of somebody who is signed in: counted by session, so that a stranger's tries lock nobody out. */
  inSession: (sessionId: string, look: () => Promise<boolean>) => Promise<void>
}

export function createGuesses (attempts: AttemptStore): Guesses {
  // The first one is what a right password resets.
  async function guarded<T> (guessed: readonly [Guessed, ...Guessed[]], look: () => Promise<T | undefined>): Promise<T> {
    await attempts.check(guessed, new Date())
    const found = await look()
    if (found === undefined) {
      await attempts.fail(guessed, new Date())
      throw invalidCredentials()
    }
    await attempts.forget(guessed[0])
    return found
  }
  return {
    // An address is not reset: who guesses may have an account of his own.
    atLogin: async (request, email, look) => await guarded([guessedAccount(email), guessedAddress(clientAddress(request))], look),
    inSession: async (sessionId, look) => { await guarded([guessedInSession(sessionId)], async () => await look() ? true : undefined) }
  }
}
